#pragma once

#include <functional>
#include <vector>

#include <ATen/core/Tensor.h>

namespace reka::ops {

using RecomputedFunction = std::function<at::Tensor(const std::vector<at::Tensor>& inputs)>;

/// function(inputs), keeping only these: the backward runs the function again and differentiates
/// it. Parameters that the function captures get their gradients as usual, hooks included; the
/// function must give the same values each time. Chen et al. 2016, arXiv:1604.06174.
at::Tensor recompute(const RecomputedFunction& function, const std::vector<at::Tensor>& inputs);

}  // namespace reka::ops
