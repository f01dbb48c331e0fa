#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

namespace reka::data {

/// From so many on numbers need 64 bits: the highest bit of one is DisjointSets' own.
inline constexpr int64_t kMostNumbersOf32Bits = 1LL << 31;

/// Union-find over [0, size) in which the least number of a set stands for it: the sets depend on
/// the pairs alone, never on their order. Number is unsigned; its highest bit must be free.
/// Tarjan, van Leeuwen 1984: path halving.
template <typename Number>
class DisjointSets {
 public:
  explicit DisjointSets(size_t size) : parents_(size) {
    std::iota(parents_.begin(), parents_.end(), Number{0});
  }

  size_t size() const { return parents_.size(); }

  Number find(Number n) {
    while (parents_[n] != n) n = parents_[n] = parents_[parents_[n]];
    return n;
  }

  /// Whether they were in two sets.
  bool join(Number a, Number b) {
    a = find(a);
    b = find(b);
    if (a == b) return false;
    parents_[std::max(a, b)] = std::min(a, b);
    return true;
  }

  /// After this the sets stay as they are, and first_of and count are known without any memory
  /// more: the place of a set's first holds its count.
  void settle() {
    for (Number n = 0; n < parents_.size(); ++n) {
      if (parents_[n] == n) {
        parents_[n] = kFirst | 1;
      } else {
        // Parents are smaller, so that this one's leads to its first at once.
        const auto first = first_of(parents_[n]);
        parents_[n] = first;
        ++parents_[first];
      }
    }
  }

  Number first_of(Number n) const { return (parents_[n] & kFirst) != 0 ? n : parents_[n]; }
  bool is_first(Number n) const { return (parents_[n] & kFirst) != 0; }
  /// Members of the set of which `first` is the first.
  Number count(Number first) const { return parents_[first] & ~kFirst; }

 private:
  static constexpr Number kFirst = ~(~Number{0} >> 1);

  std::vector<Number> parents_;
};

}  // namespace reka::data
