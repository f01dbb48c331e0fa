#include "reka/base/random.h"

#include <algorithm>
#include <cmath>

namespace reka {
namespace {

constexpr uint64_t kRounds = 8;  // in pairs: even rounds change the left half, odd ones the right

}  // namespace

Permutation::Permutation(uint64_t n, uint64_t key) : n_(n), key_(mix64(key)) {
  rows_ = std::max<uint64_t>(1, static_cast<uint64_t>(std::sqrt(static_cast<double>(n))));
  columns_ = (n + rows_ - 1) / rows_;
}

uint64_t Permutation::operator()(uint64_t index) const {
  do index = forward(index);
  while (index >= n_);
  return index;
}

uint64_t Permutation::forward(uint64_t index) const {
  auto left = index / columns_;
  auto right = index % columns_;
  for (uint64_t round = 0; round < kRounds; round += 2) {
    left += uniform_below(mix64(key_, round, right), rows_);
    if (left >= rows_) left -= rows_;
    right += uniform_below(mix64(key_, round + 1, left), columns_);
    if (right >= columns_) right -= columns_;
  }
  return left * columns_ + right;
}

}  // namespace reka
