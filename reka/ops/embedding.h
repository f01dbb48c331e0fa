#pragma once

#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>

namespace reka::ops {

/// tokens [tokens] int64 below vocab, weight [vocab, dim] -> rows of weight [tokens, dim].
/// The gradient of a row is summed in fp32, in the order of the tokens.
at::Tensor embedding(const at::Tensor& tokens, const at::Tensor& weight);

/// Rows of x [rows, width] at `indices`, -1 for a row of zeros -> [indices, width].
at::Tensor gather_rows(const at::Tensor& x, const std::vector<int64_t>& indices);

}  // namespace reka::ops
