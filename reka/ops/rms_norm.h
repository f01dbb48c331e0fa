#pragma once

#include <ATen/core/Tensor.h>

namespace reka::ops {

/// y = x / sqrt(mean(x^2) + eps) * weight, with statistics in fp32.
/// x [..., dim], weight [dim] fp32 (fp64 for fp64 x) -> y [..., dim] in x's dtype.
/// Zhang and Sennrich 2019, arXiv:1910.07467.
at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps);

}  // namespace reka::ops
