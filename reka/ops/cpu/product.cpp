#include "reka/ops/cpu/product.h"

#include <ATen/native/CPUBlas.h>

#include "reka/ops/cpu/processor.h"

namespace reka::ops::cpu {
namespace {

// A tile of c stays in registers: 8 x 32 floats are 16 of the 32 registers of AVX-512.
constexpr int64_t kTileRows = 8;
constexpr int64_t kTileColumns = 32;

template <typename T>
[[gnu::always_inline]] inline void tile(const ProductShape& s, const T* a, const T* b, T* c) {
  T sum[kTileRows][kTileColumns] = {};
  for (int64_t p = 0; p < s.k; ++p) {
    const T* row = b + p * s.n;
#pragma GCC unroll 8
    for (int64_t i = 0; i < kTileRows; ++i) {
      const T x = a[i * s.stride_a + p];
#pragma omp simd
      for (int64_t j = 0; j < kTileColumns; ++j) sum[i][j] += x * row[j];
    }
  }
  for (int64_t i = 0; i < kTileRows; ++i) {
    T* out = c + i * s.stride_c;
#pragma omp simd
    for (int64_t j = 0; j < kTileColumns; ++j) out[j] = s.add ? out[j] + sum[i][j] : sum[i][j];
  }
}

template <typename T>
REKA_SIMD void in_tiles(const ProductShape& s, const T* a, const T* b, T* c) {
  for (int64_t j = 0; j < s.n; j += kTileColumns) {
    for (int64_t i = 0; i < s.m; i += kTileRows) {
      tile(s, a + i * s.stride_a, b + j, c + i * s.stride_c + j);
    }
  }
}

}  // namespace

void product(const ProductShape& s, const c10::BFloat16* a, const c10::BFloat16* b, float* c) {
  at::native::cpublas::brgemm(s.m, s.n, s.k, s.stride_a, s.n, s.stride_c, s.add, a, b, c);
}

void product(const ProductShape& s, const float* a, const float* b, float* c) {
  in_tiles(s, a, b, c);
}

void product(const ProductShape& s, const double* a, const double* b, double* c) {
  in_tiles(s, a, b, c);
}

bool multiplies_bfloat16() {
  return at::native::cpublas::could_pack(at::kBFloat16);
}

void release_products() {
  at::native::cpublas::brgemm_release();
}

}  // namespace reka::ops::cpu
