#pragma once

#include <cstdint>
#include <string>

#include <ATen/core/Tensor.h>

namespace reka::train {

/// Floating-point operations per second of at::mm on 2048 x 2048 matrices of `dtype`, the best of a
/// few: what the share of the peak in logs and reports is a share of.
double measure_matmul_peak(at::ScalarType dtype, const at::Device& device);

/// Largest memory of this process so far: resident on the CPU, allocated on a GPU; bytes.
int64_t peak_memory_bytes(const at::Device& device);

/// What new allocations can take without swapping; 0 where it is not known, as on a GPU.
int64_t free_memory_bytes(const at::Device& device);

/// The GPU's model, or "" for another device.
std::string device_name(const at::Device& device);

/// The processor's model as the system names it, or "unknown processor".
std::string processor_name();

}  // namespace reka::train
