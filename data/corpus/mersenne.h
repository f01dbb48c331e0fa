#pragma once

#include <cstdint>

namespace reka::data {

/// Polynomial hashes (Karp, Rabin 1987): numbers below the prime 2^61 - 1, powers of kHashBase.
inline constexpr uint64_t kHashModulus = (uint64_t{1} << 61) - 1;
inline constexpr uint64_t kHashBase = 0x1d3f6a9c5be8417;  // any number of 57 bits or so

inline uint64_t multiply_modulo(uint64_t a, uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const auto product = static_cast<Wide>(a) * b;
  const auto sum =
      static_cast<uint64_t>(product & kHashModulus) + static_cast<uint64_t>(product >> 61);
  return sum >= kHashModulus ? sum - kHashModulus : sum;
}

inline uint64_t add_modulo(uint64_t a, uint64_t b) {
  const auto sum = a + b;
  return sum >= kHashModulus ? sum - kHashModulus : sum;
}

}  // namespace reka::data
