#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include <ATen/OpMathType.h>
#include <c10/util/BFloat16.h>

// Loops that the compiler vectorises, once for each level of x86-64; the right one is picked when
// the program is loaded. The function must hold the loop itself: a lambda inside is not cloned.
// Clang, which reads the sources for clang-tidy, clones no templates.
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__clang__)
#define REKA_SIMD __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define REKA_SIMD
#endif

namespace reka::ops::cpu {

template <typename T>
using Math = at::opmath_type<T>;  // float for bfloat16

/// 64 bytes of values, for loops that GCC 12 does not vectorise by itself (several exponentials or
/// selections in one body); the compiler splits them for processors with shorter vectors.
template <typename T>
requires std::is_arithmetic_v<T>
struct LanesOf {
  using type [[gnu::vector_size(64)]] = T;
};
template <typename T>
using Lanes = typename LanesOf<T>::type;
template <typename T>
inline constexpr int64_t kLanes = 64 / sizeof(T);

/// The integer with the bits of a float, or of each float of Lanes.
template <typename F>
struct BitsOf {
  using type = Lanes<uint32_t>;
};
template <>
struct BitsOf<float> {
  using type = uint32_t;
};

#define REKA_INLINE [[gnu::always_inline]] inline

REKA_INLINE float load(c10::BFloat16 x) {
  return std::bit_cast<float>(static_cast<uint32_t>(x.x) << 16);
}
REKA_INLINE float load(float x) {
  return x;
}
REKA_INLINE double load(double x) {
  return x;
}

/// The bits of x rounded to bfloat16, to nearest even and without a branch; a NaN stays one.
template <typename F>
REKA_INLINE typename BitsOf<F>::type rounded_bits(F x) {
  using Bits = typename BitsOf<F>::type;
  const auto bits = std::bit_cast<Bits>(x);
  const auto rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  return x != x ? Bits{} + 0x7fc0 : rounded;
}

REKA_INLINE void store(c10::BFloat16& out, float x) {
  out.x = static_cast<uint16_t>(rounded_bits(x));
}
REKA_INLINE void store(float& out, float x) {
  out = x;
}
REKA_INLINE void store(double& out, double x) {
  out = x;
}

template <typename T>
REKA_INLINE Lanes<T> load_lanes(const T* in) {
  Lanes<T> x;
  std::memcpy(&x, in, sizeof(x));
  return x;
}
template <typename T>
REKA_INLINE void store_lanes(T* out, Lanes<T> x) {
  std::memcpy(out, &x, sizeof(x));
}
REKA_INLINE void store_lanes(c10::BFloat16* out, Lanes<float> x) {
  using Narrow [[gnu::vector_size(32)]] = uint16_t;
  const auto narrow = __builtin_convertvector(rounded_bits(x), Narrow);
  std::memcpy(out, &narrow, sizeof(narrow));
}

/// exp to 2 ulp for x <= 88, by 2^n and a polynomial on [-ln 2 / 2, ln 2 / 2] (Cephes' expf); at
/// least 2^-126. F is float or Lanes<float>.
template <typename F>
REKA_INLINE F exponential(F x) {
  using Bits = typename BitsOf<F>::type;
  constexpr float kShift = 12582912.0F;  // 1.5 * 2^23: adding it rounds to an integer
  x = x < -87.0F ? F{} - 87.0F : x;
  const F shifted = x * 1.44269504F + kShift;
  const F n = shifted - kShift;
  const F r = (x - n * 0.693359375F) + n * 2.12194440e-4F;
  F p = F{} + 1.9875691500e-4F;
  p = p * r + 1.3981999507e-3F;
  p = p * r + 8.3334519073e-3F;
  p = p * r + 4.1665795894e-2F;
  p = p * r + 1.6666665459e-1F;
  p = p * r + 5.0000001201e-1F;
  p = p * r * r + r + 1.0F;
  const auto power = std::bit_cast<Bits>(shifted) << 23;  // n in the exponent's place
  return std::bit_cast<F>(std::bit_cast<Bits>(p) + power);
}
REKA_INLINE double exponential(double x) {
  return __builtin_exp(x);
}
REKA_INLINE Lanes<double> exponential(Lanes<double> x) {
  for (int64_t i = 0; i < kLanes<double>; ++i) x[i] = __builtin_exp(x[i]);
  return x;
}

/// 1 / (1 + exp(-x)), exact to rounding on both sides.
template <typename T>
REKA_INLINE T sigmoid(T x) {
  const T e = exponential(x < 0 ? x : -x);
  return (x < 0 ? e : T(1)) / (1 + e);
}

}  // namespace reka::ops::cpu
