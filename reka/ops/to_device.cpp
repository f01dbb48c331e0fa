#include "reka/ops/to_device.h"

#include <ATen/ops/tensor.h>

namespace reka::ops {

at::Tensor to_device(const at::Tensor& host, const at::Device& device) {
  // A copy out of pageable memory would wait for all work before it.
  const bool pin = device.is_cuda() && host.is_cpu() && !host.is_pinned();
  return (pin ? host.pin_memory() : host).to(device, /*non_blocking=*/true);
}

at::Tensor to_device(const std::vector<int64_t>& values, const at::Device& device) {
  return to_device(at::tensor(values, at::kLong), device);
}

at::Tensor to_device(const std::vector<int32_t>& values, const at::Device& device) {
  return to_device(at::tensor(values, at::kInt), device);
}

}  // namespace reka::ops
