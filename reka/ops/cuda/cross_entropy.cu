#include <ATen/Dispatch.h>
#include <ATen/ops/empty.h>
#include <c10/macros/Macros.h>

#include "reka/ops/cuda/block.cuh"
#include "reka/ops/kernels.h"

namespace reka::ops::cuda {
namespace {

template <typename T>
struct Rows {
  T* logits;
  const int64_t* targets;
  const Math<T>* weights;
  Math<T>* losses;
  int64_t vocab;
  bool differentiate;
};

// A block for each row. Rows of weight 0 have no loss, and their target need not be valid.
template <typename T>
__global__ void one_row(Rows<T> at) {
  using M = Math<T>;
  T* logits = at.logits + blockIdx.x * at.vocab;
  const M weight = at.weights[blockIdx.x];
  const int64_t target = weight == 0 ? 0 : at.targets[blockIdx.x];
  CUDA_KERNEL_ASSERT(target >= 0 && target < at.vocab);
  M largest = static_cast<M>(logits[0]);
  for (int64_t i = threadIdx.x; i < at.vocab; i += kThreads) {
    largest = max(largest, static_cast<M>(logits[i]));
  }
  largest = over_block(largest, [](M a, M b) { return max(a, b); });
  M sum = 0;
  for (int64_t i = threadIdx.x; i < at.vocab; i += kThreads) {
    sum += exp(static_cast<M>(logits[i]) - largest);
  }
  const M log_sum = largest + log(sum_over_block(sum));
  const M at_target = static_cast<M>(logits[target]);
  __syncthreads();  // all have read the target's logit before it is overwritten
  if (threadIdx.x == 0) {
    at.losses[blockIdx.x] = weight == 0 ? M(0) : log_sum - at_target;
  }
  if (!at.differentiate) return;
  for (int64_t i = threadIdx.x; i < at.vocab; i += kThreads) {
    const M p = weight * exp(static_cast<M>(logits[i]) - log_sum);
    logits[i] = static_cast<T>(i == target ? p - weight : p);
  }
}

}  // namespace

Tensor cross_entropy(const Tensor& logits, const Tensor& targets, const Tensor& weights,
                     bool differentiate) {
  const c10::cuda::CUDAGuard guard(logits.device());
  const auto math = at::toOpMathType(logits.scalar_type());
  auto losses = at::empty({logits.size(0)}, logits.options().dtype(math));
  if (logits.numel() == 0) return losses;
  const auto w = weights.to(math).contiguous();
  const auto t = targets.contiguous();
  AT_DISPATCH_FLOATING_TYPES_AND(at::kBFloat16, logits.scalar_type(), "cross_entropy", [&] {
    using M = Math<scalar_t>;
    one_row<scalar_t><<<logits.size(0), kThreads, 0, at::cuda::getCurrentCUDAStream()>>>(
        {.logits = logits.mutable_data_ptr<scalar_t>(),
         .targets = t.const_data_ptr<int64_t>(),
         .weights = w.const_data_ptr<M>(),
         .losses = losses.mutable_data_ptr<M>(),
         .vocab = logits.size(1),
         .differentiate = differentiate});
  });
  C10_CUDA_KERNEL_LAUNCH_CHECK();
  return losses;
}

}  // namespace reka::ops::cuda
