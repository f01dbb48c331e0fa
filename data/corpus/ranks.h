#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "data/corpus/mark.h"

namespace reka::data {

/// Numbers of documents in which training comes before dev before test, so that the least of a
/// cluster is the one to keep; asked for in ascending order of the documents.
class Ranks {
 public:
  explicit Ranks(std::span<const DocumentMark> marks) : marks_(marks) {
    std::array<size_t, kSplitNames.size()> counts{};
    for (const auto& mark : marks) ++counts[static_cast<size_t>(mark.split)];
    for (size_t side = 1; side < next_.size(); ++side) {
      next_[side] = next_[side - 1] + counts[side - 1];
    }
    begins_ = next_;
  }

  size_t of(size_t number) {
    for (; at_ < number; ++at_) ++next_[static_cast<size_t>(marks_[at_].split)];
    return next_[static_cast<size_t>(marks_[number].split)];
  }

  /// Of any rank.
  Split split_of(size_t rank) const {
    size_t side = begins_.size() - 1;
    while (rank < begins_[side]) --side;
    return static_cast<Split>(side);
  }

 private:
  std::span<const DocumentMark> marks_;
  std::array<size_t, kSplitNames.size()> next_{}, begins_{};
  size_t at_ = 0;
};

}  // namespace reka::data
