#pragma once

#include <cstdint>

namespace reka::train::kernels {

/// One AdamW update (Loshchilov & Hutter 2019, arXiv:1711.05101) with g = scale * gradient:
///   m = beta1 m + (1 - beta1) g,   v = beta2 v + (1 - beta2) g^2,
///   w = w - lr decay w - lr (m / correction1) / (sqrt(v / correction2) + eps).
struct AdamW {
  float lr = 0;
  float beta1 = 0;
  float beta2 = 0;
  float eps = 0;
  float decay = 0;
  float correction1 = 1;  // 1 - beta1^updates
  float correction2 = 1;  // 1 - beta2^updates
  float scale = 1;
};

/// Flat arrays of one group; `copy` (bfloat16 bits) is null where the weights are the only copy.
struct AdamWArrays {
  float* weight = nullptr;
  float* first_moment = nullptr;
  float* second_moment = nullptr;
  float* gradient = nullptr;  // is zero afterwards
  uint16_t* copy = nullptr;   // weight rounded to nearest even
};

/// Updates elements [begin, end) in this thread.
void update(const AdamW& step, const AdamWArrays& arrays, int64_t begin, int64_t end);

/// Sum of squares of n values, in fp32 over blocks and fp64 between them; not finite when one
/// value is not.
double sum_of_squares(const float* values, int64_t n);

/// sum[i] += bfloat16 gradient[i], i < n.
void add_bfloat16(float* sum, const uint16_t* gradient, int64_t n);

}  // namespace reka::train::kernels
