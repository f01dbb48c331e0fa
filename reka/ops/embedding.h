#pragma once

#include <ATen/core/Tensor.h>

namespace reka::ops {

/// tokens [tokens] int64 below vocab, weight [vocab, dim] -> rows of weight [tokens, dim].
/// The gradient of a row is summed in fp32, in the order of the tokens.
at::Tensor embedding(const at::Tensor& tokens, const at::Tensor& weight);

}  // namespace reka::ops
