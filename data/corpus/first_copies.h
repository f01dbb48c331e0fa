#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "data/corpus/scratch_file.h"

namespace reka::data {

/// Where runs of words stand first, by where they stand again. On disk: only a few examples ask for
/// it.
class FirstCopies {
 public:
  explicit FirstCopies(const std::filesystem::path& folder)
      : file_(folder, "where repeated words stand first") {}

  void add(uint64_t later, uint64_t first) {
    open_.push_back({later, first});
    if (open_.size() < kBlock) return;
    file_.append(std::as_bytes(std::span(open_)));
    open_.clear();
  }

  /// Sets the first copies of those of `wanted` that have one.
  void find(std::map<uint64_t, std::optional<uint64_t>>& wanted) const {
    const auto use = [&](const std::vector<Pair>& pairs) {
      for (const auto& pair : pairs) {
        if (const auto found = wanted.find(pair.later); found != wanted.end()) {
          found->second = pair.first;
        }
      }
    };
    std::vector<Pair> block(kBlock);
    for (uint64_t at = 0; at < file_.size(); at += kBlock * sizeof(Pair)) {
      file_.read(at, std::as_writable_bytes(std::span(block)));
      use(block);
    }
    use(open_);
  }

 private:
  struct Pair {
    uint64_t later = 0;
    uint64_t first = 0;
  };
  static constexpr size_t kBlock = 1 << 16;

  ScratchFile file_;
  std::vector<Pair> open_;
};

}  // namespace reka::data
