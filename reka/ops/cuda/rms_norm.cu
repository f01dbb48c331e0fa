#include <ATen/Dispatch.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/zeros.h>

#include "reka/ops/cuda/block.cuh"
#include "reka/ops/kernels.h"

namespace reka::ops::cuda {
namespace {

constexpr int64_t kMostBlocks = 512;  // rows of partial sums of dweight

template <typename T>
__global__ void forward_row(const T* x, const Math<T>* weight, T* y, Math<T>* scale, int64_t D,
                            Math<T> eps) {
  using M = Math<T>;
  const int64_t row = blockIdx.x;
  M sum = 0;
  for (int64_t i = threadIdx.x; i < D; i += kThreads) {
    const M v = x[row * D + i];
    sum += v * v;
  }
  const M r = rsqrt(sum_over_block(sum) / static_cast<M>(D) + eps);
  if (threadIdx.x == 0) scale[row] = r;
  for (int64_t i = threadIdx.x; i < D; i += kThreads) {
    y[row * D + i] = static_cast<T>(static_cast<M>(x[row * D + i]) * r * weight[i]);
  }
}

template <typename T>
struct Backward {
  const T *dy, *x;
  const Math<T>*weight, *scale;
  T* dx;
  Math<T>* dweight;  // [blocks, D], zeros before
  int64_t rows, D;
};

template <typename T>
__global__ void backward_rows(Backward<T> at) {
  using M = Math<T>;
  M* dweight = at.dweight + blockIdx.x * at.D;
  for (int64_t row = blockIdx.x; row < at.rows; row += gridDim.x) {
    const T* x = at.x + row * at.D;
    const T* dy = at.dy + row * at.D;
    const M r = at.scale[row];
    M sum = 0;
    for (int64_t i = threadIdx.x; i < at.D; i += kThreads) {
      sum += static_cast<M>(dy[i]) * at.weight[i] * static_cast<M>(x[i]);
    }
    const M mean = sum_over_block(sum) * r * r / static_cast<M>(at.D);
    for (int64_t i = threadIdx.x; i < at.D; i += kThreads) {
      const M xi = x[i];
      const M dyi = dy[i];
      dweight[i] += dyi * xi * r;
      at.dx[row * at.D + i] = static_cast<T>(r * (dyi * at.weight[i] - xi * mean));
    }
  }
}

}  // namespace

Pair rms_norm(const Tensor& x, const Tensor& weight, double eps) {
  const c10::cuda::CUDAGuard guard(x.device());
  auto y = at::empty_like(x);
  auto scale = at::empty({x.size(0)}, weight.options());
  if (x.numel() == 0) return {y, scale};
  AT_DISPATCH_FLOATING_TYPES_AND(at::kBFloat16, x.scalar_type(), "rms_norm", [&] {
    using M = Math<scalar_t>;
    forward_row<scalar_t><<<x.size(0), kThreads, 0, at::cuda::getCurrentCUDAStream()>>>(
        x.const_data_ptr<scalar_t>(), weight.const_data_ptr<M>(), y.mutable_data_ptr<scalar_t>(),
        scale.mutable_data_ptr<M>(), x.size(1), static_cast<M>(eps));
  });
  C10_CUDA_KERNEL_LAUNCH_CHECK();
  return {y, scale};
}

Pair rms_norm_backward(const Tensor& dy, const Tensor& x, const Tensor& weight,
                       const Tensor& scale) {
  const c10::cuda::CUDAGuard guard(x.device());
  auto dx = at::empty_like(x);
  const auto blocks = std::min(x.size(0), kMostBlocks);
  auto dweight = at::zeros({std::max<int64_t>(blocks, 1), x.size(1)}, weight.options());
  if (x.numel() == 0) return {dx, dweight.sum(0)};
  AT_DISPATCH_FLOATING_TYPES_AND(at::kBFloat16, x.scalar_type(), "rms_norm_backward", [&] {
    using M = Math<scalar_t>;
    backward_rows<scalar_t><<<blocks, kThreads, 0, at::cuda::getCurrentCUDAStream()>>>(
        {.dy = dy.const_data_ptr<scalar_t>(),
         .x = x.const_data_ptr<scalar_t>(),
         .weight = weight.const_data_ptr<M>(),
         .scale = scale.const_data_ptr<M>(),
         .dx = dx.mutable_data_ptr<scalar_t>(),
         .dweight = dweight.mutable_data_ptr<M>(),
         .rows = x.size(0),
         .D = x.size(1)});
  });
  C10_CUDA_KERNEL_LAUNCH_CHECK();
  return {dx, dweight.sum(0)};
}

}  // namespace reka::ops::cuda
