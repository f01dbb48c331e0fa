#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "data/batch/quarantine.h"

namespace reka::data {

/// A sample that was left out, replaced or masked, and why.
struct Refused {
  std::string document;  // source/document id
  std::string finding;

  Json to_json() const;
  static Refused from_json(const Json& json, std::string_view place);
  bool operator==(const Refused&) const = default;
};

/// What is wrong with the samples of batches that are made ahead, told in the order in which the
/// batches are given out. put() and is_quarantined() from any thread.
class BatchFindings {
 public:
  struct Found {
    std::vector<Quarantined> damaged;
    std::vector<Refused> masked;
  };

  bool is_quarantined(uint64_t shard, uint32_t sample) const {
    return quarantine_.holds(shard, sample);
  }
  void put(int64_t batch, Found&& found);
  /// The batches made ahead will not be given out.
  void forget_ahead();
  /// The batch is given out. -> the damaged samples that are new.
  std::vector<Quarantined> give_out(int64_t batch);
  /// What others found; it is not read again.
  void add_quarantined(const std::vector<Quarantined>& found);

  /// What is new in the batches given out since the last call, each sample once.
  Found take();
  std::vector<Quarantined> quarantined() const { return quarantine_.list(); }
  int64_t num_quarantined() const { return quarantine_.size(); }
  const std::vector<Refused>& masked() const { return masked_; }

 private:
  Quarantine quarantine_;  // of the batches given out
  std::vector<Refused> masked_;
  std::set<std::string> masked_documents_;
  Found new_;
  std::mutex mutex_;  // of ahead_
  std::map<int64_t, Found> ahead_;
};

}  // namespace reka::data
