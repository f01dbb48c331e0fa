#include "reka/parallel/device.h"

#include <ATen/Context.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include "reka/base/error.h"

namespace reka {

at::Device pick_device(const std::string& name, int64_t local_rank) {
  if (name != "auto" && name != "cpu" && name != "cuda") {
    throw ConfigError("device = {}: must be auto, cpu or cuda", name);
  }
  if (name == "cpu" || (name == "auto" && !at::hasCUDA())) return at::kCPU;
  if (!at::hasCUDA()) {
    throw ConfigError("device = cuda: this machine or build has no GPU: must be cpu or auto");
  }
  const c10::impl::VirtualGuardImpl gpus(at::kCUDA);
  // A launcher may show each process its own GPU alone.
  const auto index = static_cast<at::DeviceIndex>(local_rank % gpus.deviceCount());
  const at::Device device(at::kCUDA, index);
  gpus.setDevice(device);
  return device;
}

void synchronize(const at::Device& device) {
  if (device.is_cpu()) return;
  c10::impl::VirtualGuardImpl(device.type()).synchronizeDevice(device.index());
}

}  // namespace reka
