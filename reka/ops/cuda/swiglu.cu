#include <ATen/Dispatch.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>

#include "reka/ops/cuda/block.cuh"
#include "reka/ops/kernels.h"

namespace reka::ops::cuda {
namespace {

template <typename T>
__global__ void forward(const T* gate_up, T* y, int64_t count, int64_t hidden) {
  using M = Math<T>;
  const int64_t step = static_cast<int64_t>(gridDim.x) * kThreads;
  for (int64_t i = blockIdx.x * kThreads + threadIdx.x; i < count; i += step) {
    const T* row = gate_up + i / hidden * 2 * hidden;
    const M g = row[i % hidden];
    const M u = row[i % hidden + hidden];
    y[i] = static_cast<T>(g / (1 + exp(-g)) * u);
  }
}

template <typename T>
__global__ void backward(const T* dy, const T* gate_up, T* dgate_up, int64_t count,
                         int64_t hidden) {
  using M = Math<T>;
  const int64_t step = static_cast<int64_t>(gridDim.x) * kThreads;
  for (int64_t i = blockIdx.x * kThreads + threadIdx.x; i < count; i += step) {
    const int64_t at = i / hidden * 2 * hidden + i % hidden;
    const M g = gate_up[at];
    const M u = gate_up[at + hidden];
    const M d = dy[i];
    const M s = 1 / (1 + exp(-g));
    dgate_up[at] = static_cast<T>(d * u * s * (1 + g * (1 - s)));
    dgate_up[at + hidden] = static_cast<T>(d * g * s);
  }
}

}  // namespace

Tensor swiglu(const Tensor& gate_up) {
  const c10::cuda::CUDAGuard guard(gate_up.device());
  const auto hidden = gate_up.size(1) / 2;
  auto y = at::empty({gate_up.size(0), hidden}, gate_up.options());
  if (y.numel() == 0) return y;
  AT_DISPATCH_FLOATING_TYPES_AND(at::kBFloat16, y.scalar_type(), "swiglu", [&] {
    forward<scalar_t><<<blocks_for(y.numel()), kThreads, 0, at::cuda::getCurrentCUDAStream()>>>(
        gate_up.const_data_ptr<scalar_t>(), y.mutable_data_ptr<scalar_t>(), y.numel(), hidden);
  });
  C10_CUDA_KERNEL_LAUNCH_CHECK();
  return y;
}

Tensor swiglu_backward(const Tensor& dy, const Tensor& gate_up) {
  const c10::cuda::CUDAGuard guard(gate_up.device());
  auto dgate_up = at::empty_like(gate_up);
  if (dy.numel() == 0) return dgate_up;
  AT_DISPATCH_FLOATING_TYPES_AND(at::kBFloat16, dy.scalar_type(), "swiglu_backward", [&] {
    backward<scalar_t><<<blocks_for(dy.numel()), kThreads, 0, at::cuda::getCurrentCUDAStream()>>>(
        dy.const_data_ptr<scalar_t>(), gate_up.const_data_ptr<scalar_t>(),
        dgate_up.mutable_data_ptr<scalar_t>(), dy.numel(), dy.size(1));
  });
  C10_CUDA_KERNEL_LAUNCH_CHECK();
  return dgate_up;
}

}  // namespace reka::ops::cuda
