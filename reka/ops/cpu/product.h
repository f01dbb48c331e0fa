#pragma once

#include <cstdint>

#include <c10/util/BFloat16.h>

#include "reka/ops/cpu/simd.h"

namespace reka::ops::cpu {

/// Rows of the right factor that lie side by side: element (p, j) is at
/// [p / kPack][j][p % kPack]. AMX and AVX-512 multiply bfloat16 in pairs.
template <typename T>
inline constexpr int64_t kPack = 4 / sizeof(T) > 1 ? 4 / sizeof(T) : 1;

/// Sizes and row distances of a small product; m is a multiple of 8, n and k are multiples of 32.
struct ProductShape {
  int64_t m, n, k;
  int64_t stride_a, stride_c;
  bool add;  // c += a b
};

/// c [m, n] = a [m, k] b [k, n], b packed with rows of n, sums in fp32 (fp64), on the calling
/// thread.
void product(const ProductShape& shape, const c10::BFloat16* a, const c10::BFloat16* b, float* c);
void product(const ProductShape& shape, const float* a, const float* b, float* c);
void product(const ProductShape& shape, const double* a, const double* b, double* c);

/// Each thread calls it after its last product: gives the matrix unit's registers back.
void release_products();

}  // namespace reka::ops::cpu
