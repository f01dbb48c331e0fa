#pragma once

#include <ATen/OpMathType.h>
#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/util/BFloat16.h>

namespace reka::ops::cuda {

template <typename T>
using Math = at::opmath_type<T>;

constexpr int kThreads = 256;

// A kernel runs on the current device, which need not be that of its tensors: each launcher sets a
// CUDAGuard first.

/// Combines a value of each of the kThreads threads; all get the result.
template <typename M, typename Combine>
__device__ M over_block(M value, const Combine& combine) {
  __shared__ M of_warps[kThreads / 32];
  for (int distance = 16; distance > 0; distance /= 2) {
    value = combine(value, __shfl_xor_sync(0xffffffffU, value, distance));
  }
  __syncthreads();  // of_warps may still be read from the call before
  if (threadIdx.x % 32 == 0) of_warps[threadIdx.x / 32] = value;
  __syncthreads();
  value = of_warps[0];
  for (int warp = 1; warp < kThreads / 32; ++warp) value = combine(value, of_warps[warp]);
  return value;
}

template <typename M>
__device__ M sum_over_block(M value) {
  return over_block(value, [](M a, M b) { return a + b; });
}

/// Blocks for `count` independent elements in a grid-stride loop.
inline unsigned blocks_for(int64_t count) {
  return static_cast<unsigned>(std::min<int64_t>((count + kThreads - 1) / kThreads, 1 << 16));
}

}  // namespace reka::ops::cuda
