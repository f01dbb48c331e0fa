#pragma once

#include <vector>

#include <ATen/core/Tensor.h>

namespace reka::ops {

/// cos and sin of the angles of a row, [tokens, head_dim / 2] fp32.
struct RopeAngles {
  at::Tensor cosine;
  at::Tensor sine;
};

/// Tables of cos and sin for positions 0, 1, ..., grown when a longer document comes.
/// The angle of pair i at position p is p / scaling * theta^(-2 i / head_dim).
/// Su et al. 2021, arXiv:2104.09864; `scaling` is linear position interpolation, Chen et al. 2023,
/// arXiv:2306.15595.
class RopeTable {
 public:
  RopeTable(int64_t head_dim, double theta, double scaling = 1);

  /// positions [tokens] int64, all below `length` -> angles on the device of `positions`.
  RopeAngles gather(const at::Tensor& positions, int64_t length);

 private:
  void grow(int64_t length, const at::Device& device);

  int64_t head_dim_;
  double theta_;
  double scaling_;
  RopeAngles table_;
};

/// Rotates the pairs (x[i], x[i + head_dim / 2]) (half rotation, as NeoX and Llama) of the first
/// `rotated` heads by the angle of their token; further heads are copied. Negative: all heads.
/// x [tokens, heads, head_dim] -> the same shape.
at::Tensor rope(const at::Tensor& x, const RopeAngles& angles, int64_t rotated = -1);

}  // namespace reka::ops
