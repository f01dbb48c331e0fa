#include "train/telemetry/machine.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <string>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <sys/resource.h>
#ifdef USE_C10D_NCCL
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAException.h>
#include <cuda_runtime_api.h>
#endif

#include "reka/parallel/device.h"

namespace reka::train {
namespace {

constexpr int64_t kSize = 2048;
constexpr int kRuns = 4;              // after one that is not counted
constexpr double kMostSeconds = 0.5;  // a slow machine runs fewer

}  // namespace

double measure_matmul_peak(at::ScalarType dtype, const at::Device& device) {
  using Clock = std::chrono::steady_clock;
  const at::NoGradGuard no_grad;
  const auto options = at::TensorOptions(device).dtype(dtype);
  const auto a = at::ones({kSize, kSize}, options);
  const auto b = at::ones({kSize, kSize}, options);
  auto product = at::empty({kSize, kSize}, options);
  double best = 0;
  double spent = 0;
  for (int run = 0; run <= kRuns && spent < kMostSeconds; ++run) {
    synchronize(device);
    const auto start = Clock::now();
    at::mm_out(product, a, b);
    synchronize(device);
    const auto seconds = std::chrono::duration<double>(Clock::now() - start).count();
    spent += seconds;
    best = std::max(best, 2.0 * kSize * kSize * kSize / seconds);
  }
  return best;
}

int64_t peak_memory_bytes([[maybe_unused]] const at::Device& device) {
#ifdef USE_C10D_NCCL
  if (device.is_cuda()) {
    const auto stats = c10::cuda::CUDACachingAllocator::getDeviceStats(device.index());
    return stats.allocated_bytes[0].peak;
  }
#endif
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss * 1024;  // kilobytes on Linux
}

int64_t free_memory_bytes(const at::Device& device) {
  if (!device.is_cpu()) return 0;
  std::ifstream file("/proc/meminfo");
  std::string key;
  int64_t kilobytes = 0;
  for (std::string unit; file >> key >> kilobytes; std::getline(file, unit)) {
    if (key == "MemAvailable:") return kilobytes * 1024;
  }
  return 0;
}

std::string device_name([[maybe_unused]] const at::Device& device) {
#ifdef USE_C10D_NCCL
  if (device.is_cuda()) {
    cudaDeviceProp properties = {};
    C10_CUDA_CHECK(cudaGetDeviceProperties(&properties, device.index()));
    return properties.name;
  }
#endif
  return {};
}

std::string processor_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const auto colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown processor";
}

}  // namespace reka::train
