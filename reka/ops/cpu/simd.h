#pragma once

#include <bit>
#include <cstdint>

#include <ATen/OpMathType.h>
#include <c10/util/BFloat16.h>

// Loops that the compiler vectorises, once for each level of x86-64; the right one is picked when
// the program is loaded. The function must hold the loop itself: a lambda inside is not cloned.
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__)
#define REKA_SIMD __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define REKA_SIMD
#endif

namespace reka::ops::cpu {

template <typename T>
using Math = at::opmath_type<T>;  // float for bfloat16

inline float load(c10::BFloat16 x) {
  return std::bit_cast<float>(static_cast<uint32_t>(x.x) << 16);
}
inline float load(float x) {
  return x;
}
inline double load(double x) {
  return x;
}

// The bits of x rounded to bfloat16, to nearest even and without a branch; a NaN stays one.
inline uint32_t rounded_bits(float x) {
  const auto bits = std::bit_cast<uint32_t>(x);
  return x != x ? 0x7fc0 : (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
}
inline void store(c10::BFloat16& out, float x) {
  out.x = static_cast<uint16_t>(rounded_bits(x));
}
inline void store(float& out, float x) {
  out = x;
}
inline void store(double& out, double x) {
  out = x;
}

// exp to 2 ulp, by 2^n and a polynomial on [-ln 2 / 2, ln 2 / 2] (Cephes' expf). Below -87 it gives
// 2^-126, above 88 the value at 88.
inline float exponential(float x) {
  constexpr float kShift = 12582912.0F;  // 1.5 * 2^23: adding it rounds to an integer
  x = x < -87.0F ? -87.0F : x;
  x = x > 88.0F ? 88.0F : x;
  const float shifted = x * 1.44269504F + kShift;
  const float n = shifted - kShift;
  const float r = (x - n * 0.693359375F) + n * 2.12194440e-4F;
  float p = 1.9875691500e-4F;
  p = p * r + 1.3981999507e-3F;
  p = p * r + 8.3334519073e-3F;
  p = p * r + 4.1665795894e-2F;
  p = p * r + 1.6666665459e-1F;
  p = p * r + 5.0000001201e-1F;
  p = p * r * r + r + 1.0F;
  const auto power = std::bit_cast<uint32_t>(shifted) << 23;  // n in the exponent's place
  return std::bit_cast<float>(std::bit_cast<uint32_t>(p) + power);
}
inline double exponential(double x) {
  return __builtin_exp(x);
}

}  // namespace reka::ops::cpu
