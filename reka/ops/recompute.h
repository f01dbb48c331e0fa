#pragma once

#include <functional>

#include <ATen/core/Tensor.h>

namespace reka::ops {

/// function(x), keeping only x: the backward runs the function again and differentiates that.
/// Parameters that the function captures get their gradients as usual, hooks included; the function
/// must give the same values each time. Chen et al. 2016, arXiv:1604.06174.
at::Tensor recompute(const std::function<at::Tensor(const at::Tensor&)>& function,
                     const at::Tensor& x);

}  // namespace reka::ops
