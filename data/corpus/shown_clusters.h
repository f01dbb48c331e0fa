#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <set>
#include <utility>

#include "reka/base/random.h"

namespace reka::data {

/// The clusters that a page shows: the largest, and as many drawn from all.
class ShownClusters {
 public:
  void offer(uint64_t first, uint64_t size) {
    keep(largest_, std::numeric_limits<uint64_t>::max() - size, first);
    keep(drawn_, mix64(first), first);
  }

  std::set<uint64_t> firsts() const {
    std::set<uint64_t> firsts;
    for (const auto& [order, first] : largest_) firsts.insert(first);
    for (const auto& [order, first] : drawn_) firsts.insert(first);
    return firsts;
  }

 private:
  using Ordered = std::set<std::pair<uint64_t, uint64_t>>;

  static void keep(Ordered& most, uint64_t order, uint64_t first) {
    constexpr size_t kMost = 5;
    most.emplace(order, first);
    if (most.size() > kMost) most.erase(std::prev(most.end()));
  }

  Ordered largest_, drawn_;
};

}  // namespace reka::data
