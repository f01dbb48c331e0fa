#pragma once

#include <cstdint>
#include <string>

#include <ATen/core/Tensor.h>

namespace reka {

/// The device called `name`, "auto" (a GPU if there is one), "cpu" or "cuda", for process
/// `local_rank` of its machine: the processes share out the GPUs that they see. A GPU becomes the
/// current device of the process. Throws ConfigError where there is none.
at::Device pick_device(const std::string& name, int64_t local_rank = 0);

/// Waits until all that was started on the device is done.
void synchronize(const at::Device& device);

}  // namespace reka
