#pragma once

#include <ATen/core/Tensor.h>

namespace reka::ops {

/// The kernel for the device of `x`. The meta kernel returns empty tensors of the right shape, so
/// that a step can be planned without memory.
template <typename Kernel>
Kernel* on(const at::Tensor& x, Kernel* cpu, Kernel* cuda, Kernel* meta) {
  if (x.is_cpu()) return cpu;
  if (x.is_cuda()) return cuda;
  TORCH_CHECK(x.is_meta(), "ops: device ", x.device(), " has no kernels");
  return meta;
}

}  // namespace reka::ops
