#include "train/optimizer/kernels.h"

#include <algorithm>
#include <bit>
#include <cmath>

// Each loop is written once and compiled for three instruction sets; the machine picks. The file is
// built with -fno-math-errno so that sqrt becomes an instruction.
#if defined(__x86_64__)
#define REKA_AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,fma")))
#define REKA_AVX2 __attribute__((target("avx2,fma")))
#endif
#define REKA_INLINE inline __attribute__((always_inline))

namespace reka::train::kernels {
namespace {

constexpr int64_t kLanes = 16;
constexpr int64_t kBlock = 4096;  // values summed in fp32 before they go to fp64

REKA_INLINE uint16_t to_bfloat16(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  const auto rounded = static_cast<uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
  const auto quiet_nan = static_cast<uint16_t>((bits >> 16) | 0x40);
  return (bits & 0x7fffffff) > 0x7f800000 ? quiet_nan : rounded;
}

template <bool kCopy>
REKA_INLINE void update_range(const AdamW& s, const AdamWArrays& arrays, int64_t begin,
                              int64_t end) {
  auto* __restrict w = arrays.weight;
  auto* __restrict m = arrays.first_moment;
  auto* __restrict v = arrays.second_moment;
  auto* __restrict g = arrays.gradient;
  auto* __restrict copy = arrays.copy;
  const float keep = 1 - s.lr * s.decay;
  const float rate = s.lr / s.correction1;
  const float root = 1 / std::sqrt(s.correction2);
  const float rest1 = 1 - s.beta1;
  const float rest2 = 1 - s.beta2;
  for (int64_t i = begin; i < end; ++i) {
    const float gi = g[i] * s.scale;
    const float mi = s.beta1 * m[i] + rest1 * gi;
    const float vi = s.beta2 * v[i] + rest2 * gi * gi;
    const float wi = keep * w[i] - rate * mi / (std::sqrt(vi) * root + s.eps);
    m[i] = mi;
    v[i] = vi;
    w[i] = wi;
    g[i] = 0;
    if constexpr (kCopy) copy[i] = to_bfloat16(wi);
  }
}

REKA_INLINE void update_body(const AdamW& step, const AdamWArrays& arrays, int64_t begin,
                             int64_t end) {
  if (arrays.copy != nullptr) {
    update_range<true>(step, arrays, begin, end);
  } else {
    update_range<false>(step, arrays, begin, end);
  }
}

REKA_INLINE double sum_of_squares_body(const float* values, int64_t n) {
  double total = 0;
  for (int64_t begin = 0; begin < n; begin += kBlock) {
    const auto end = std::min(begin + kBlock, n);
    const auto whole = begin + (end - begin) / kLanes * kLanes;
    float lanes[kLanes] = {};
    for (int64_t i = begin; i < whole; i += kLanes) {
      for (int64_t lane = 0; lane < kLanes; ++lane) {
        lanes[lane] += values[i + lane] * values[i + lane];
      }
    }
    for (int64_t i = whole; i < end; ++i) lanes[0] += values[i] * values[i];
    for (const auto lane : lanes) total += lane;
  }
  return total;
}

REKA_INLINE void add_body(float* __restrict sum, const uint16_t* __restrict gradient, int64_t n) {
  for (int64_t i = 0; i < n; ++i) {
    sum[i] += std::bit_cast<float>(static_cast<uint32_t>(gradient[i]) << 16);
  }
}

#if defined(__x86_64__)
REKA_AVX512 void update_avx512(const AdamW& step, const AdamWArrays& arrays, int64_t begin,
                               int64_t end) {
  update_body(step, arrays, begin, end);
}
REKA_AVX2 void update_avx2(const AdamW& step, const AdamWArrays& arrays, int64_t begin,
                           int64_t end) {
  update_body(step, arrays, begin, end);
}
REKA_AVX512 double sum_of_squares_avx512(const float* values, int64_t n) {
  return sum_of_squares_body(values, n);
}
REKA_AVX2 double sum_of_squares_avx2(const float* values, int64_t n) {
  return sum_of_squares_body(values, n);
}
REKA_AVX512 void add_avx512(float* sum, const uint16_t* gradient, int64_t n) {
  add_body(sum, gradient, n);
}
REKA_AVX2 void add_avx2(float* sum, const uint16_t* gradient, int64_t n) {
  add_body(sum, gradient, n);
}

bool has_avx512() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}
bool has_avx2() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
#endif

}  // namespace

void update(const AdamW& step, const AdamWArrays& arrays, int64_t begin, int64_t end) {
#if defined(__x86_64__)
  if (has_avx512()) return update_avx512(step, arrays, begin, end);
  if (has_avx2()) return update_avx2(step, arrays, begin, end);
#endif
  update_body(step, arrays, begin, end);
}

double sum_of_squares(const float* values, int64_t n) {
#if defined(__x86_64__)
  if (has_avx512()) return sum_of_squares_avx512(values, n);
  if (has_avx2()) return sum_of_squares_avx2(values, n);
#endif
  return sum_of_squares_body(values, n);
}

void add_bfloat16(float* sum, const uint16_t* gradient, int64_t n) {
#if defined(__x86_64__)
  if (has_avx512()) return add_avx512(sum, gradient, n);
  if (has_avx2()) return add_avx2(sum, gradient, n);
#endif
  add_body(sum, gradient, n);
}

}  // namespace reka::train::kernels
