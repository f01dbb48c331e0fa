#pragma once

#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>

namespace reka::ops {

/// `host` on that device. The host does not wait for a GPU to have it.
at::Tensor to_device(const at::Tensor& host, const at::Device& device);

/// Indices [values] int64, and what flash attention wants as int32.
at::Tensor to_device(const std::vector<int64_t>& values, const at::Device& device);
at::Tensor to_device(const std::vector<int32_t>& values, const at::Device& device);

}  // namespace reka::ops
