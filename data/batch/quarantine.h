#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reka/base/json.h"

namespace reka::data {

/// A sample that is damaged or cannot be decoded, and why.
struct Quarantined {
  std::string source;
  std::string document;
  uint64_t shard = 0;  // hash of its header
  uint32_t sample = 0;
  std::string finding;

  std::string name() const { return source + "/" + document; }
  Json to_json() const;
  static Quarantined from_json(const Json& json, std::string_view place);
  bool operator==(const Quarantined&) const = default;
};

/// The samples that are not read again. For several threads.
class Quarantine {
 public:
  bool holds(uint64_t shard, uint32_t sample) const;
  /// -> whether it is new.
  bool add(const Quarantined& found);
  std::vector<Quarantined> list() const;  // by shard and sample
  int64_t size() const { return size_; }

 private:
  mutable std::mutex mutex_;
  std::map<std::pair<uint64_t, uint32_t>, Quarantined> found_;
  std::atomic<int64_t> size_ = 0;
};

}  // namespace reka::data
