#pragma once

#include <concepts>
#include <cstdint>

namespace reka {

/// The finaliser of SplitMix64: a bijection on 64 bits in which every bit depends on every bit.
/// Steele, Lea, Flood 2014 (Stafford's variant 13).
constexpr uint64_t mix64(uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

/// Random bits as a function of a seed and counters (epoch, sample, draw...): no state to save, the
/// same on every rank, any draw reached directly. The order of the counters matters.
template <std::integral... Counters>
constexpr uint64_t mix64(uint64_t seed, uint64_t counter, Counters... counters) {
  const auto mixed = mix64(mix64(seed) ^ counter);
  if constexpr (sizeof...(counters) == 0)
    return mixed;
  else
    return mix64(mixed, static_cast<uint64_t>(counters)...);
}

/// 64 random bits -> uniform in [0, 1), 53 bits of it.
constexpr double uniform(uint64_t bits) {
  return static_cast<double>(bits >> 11) * 0x1.0p-53;
}

/// 64 random bits -> uniform integer in [0, n), n > 0. The bias is below n / 2^64.
constexpr uint64_t uniform_below(uint64_t bits, uint64_t n) {
  __extension__ using Wide = unsigned __int128;
  return static_cast<uint64_t>((static_cast<Wide>(bits) * n) >> 64);
}

/// A keyed bijection on [0, n) in O(1) time and memory: a shuffle without a list.
/// An index is a pair (left, right) below (rows, columns), rows x columns just above n; each round
/// adds a keyed function of one half to the other; an image >= n is permuted again.
/// Black, Rogaway 2002, "Ciphers with arbitrary finite domains".
class Permutation {
 public:
  Permutation(uint64_t n, uint64_t key);  // n <= 2^62

  uint64_t size() const { return n_; }
  uint64_t operator()(uint64_t index) const;  // index < n

 private:
  uint64_t forward(uint64_t index) const;

  uint64_t n_, key_, rows_, columns_;
};

}  // namespace reka
