#include <ATen/Dispatch.h>
#include <ATen/ops/empty_like.h>

#include "reka/ops/cuda/block.cuh"
#include "reka/ops/kernels.h"

namespace reka::ops::cuda {
namespace {

// One thread for each pair (i, i + half) of a head.
template <typename T>
struct Pairs {
  const T* x;
  T* y;
  const Math<T>*cosine, *sine;
  Math<T> sign;
  int64_t count, heads, rotated, half;
};

template <typename T>
__global__ void rotate(Pairs<T> at) {
  using M = Math<T>;
  const int64_t step = static_cast<int64_t>(gridDim.x) * kThreads;
  for (int64_t n = blockIdx.x * kThreads + threadIdx.x; n < at.count; n += step) {
    const int64_t i = n % at.half;
    const int64_t row = n / at.half;  // token * heads + head
    const int64_t first = row * 2 * at.half + i;
    if (row % at.heads >= at.rotated) {
      at.y[first] = at.x[first];
      at.y[first + at.half] = at.x[first + at.half];
      continue;
    }
    const int64_t angle = row / at.heads * at.half + i;
    const M c = at.cosine[angle];
    const M s = at.sign * at.sine[angle];
    const M a = at.x[first];
    const M b = at.x[first + at.half];
    at.y[first] = static_cast<T>(a * c - b * s);
    at.y[first + at.half] = static_cast<T>(b * c + a * s);
  }
}

}  // namespace

Tensor rope(const Tensor& x, const Tensor& cosine, const Tensor& sine, int64_t rotated,
            bool inverse) {
  const c10::cuda::CUDAGuard guard(x.device());
  auto y = at::empty_like(x);
  if (x.numel() == 0) return y;
  AT_DISPATCH_FLOATING_TYPES_AND(at::kBFloat16, x.scalar_type(), "rope", [&] {
    using M = Math<scalar_t>;
    const auto count = x.numel() / 2;
    rotate<scalar_t><<<blocks_for(count), kThreads, 0, at::cuda::getCurrentCUDAStream()>>>(
        {.x = x.const_data_ptr<scalar_t>(),
         .y = y.mutable_data_ptr<scalar_t>(),
         .cosine = cosine.const_data_ptr<M>(),
         .sine = sine.const_data_ptr<M>(),
         .sign = static_cast<M>(inverse ? -1 : 1),
         .count = count,
         .heads = x.size(1),
         .rotated = rotated,
         .half = x.size(2) / 2});
  });
  C10_CUDA_KERNEL_LAUNCH_CHECK();
  return y;
}

}  // namespace reka::ops::cuda
