#include "data/corpus/lsh.h"

namespace reka::data {

template <typename Number>
void LshClusters<Number>::join(const Confirm& confirm) {
  groups_.visit([&](std::span<const HashedNumber<Number>> group) {
    if (confirm) {
      join_confirmed(group, confirm);
    } else {
      for (const auto& other : group.subspan(1)) sets_.join(group[0].number, other.number);
    }
  });
  sets_.settle();
}

template <typename Number>
void LshClusters<Number>::join_confirmed(std::span<const HashedNumber<Number>> group,
                                         const Confirm& confirm) {
  for (size_t later = 1; later < group.size(); ++later) {
    const auto number = group[later].number;
    size_t comparisons = 0;
    for (size_t n = 0; n < later && comparisons < kMostComparisons; ++n) {
      const auto earlier = group[n].number;
      if (sets_.find(earlier) == sets_.find(number)) continue;
      ++comparisons;
      if (confirm(earlier, number)) {
        sets_.join(earlier, number);
      } else {
        ++refused_;
      }
    }
    compared_ += static_cast<int64_t>(comparisons);
  }
}

template class LshClusters<uint32_t>;
template class LshClusters<uint64_t>;

}  // namespace reka::data
