#include <cmath>

#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/zeros.h>

#include "reka/ops/cpu/simd.h"
#include "reka/ops/kernels.h"

namespace reka::ops::cpu {
namespace {

// Rows whose share of dweight is summed in one piece, whatever the number of threads.
constexpr int64_t kBlockRows = 64;

template <typename T>
struct Rows {
  const T* x;
  T* y;  // y, or dx
  const T* dy;
  const Math<T>* weight;
  Math<T>* scale;
  Math<T>* dweight;
  int64_t rows;
  int64_t dim;
};

template <typename T>
REKA_SIMD void forward_rows(const Rows<T>& at, Math<T> eps) {
  const auto D = at.dim;
  for (int64_t row = 0; row < at.rows; ++row) {
    const T* x = at.x + row * D;
    T* y = at.y + row * D;
    Math<T> sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t i = 0; i < D; ++i) sum += load(x[i]) * load(x[i]);
    const auto r = 1 / std::sqrt(sum / static_cast<Math<T>>(D) + eps);
    at.scale[row] = r;
#pragma omp simd
    for (int64_t i = 0; i < D; ++i) store(y[i], load(x[i]) * r * at.weight[i]);
  }
}

template <typename T>
REKA_SIMD void backward_rows(const Rows<T>& at) {
  const auto D = at.dim;
  for (int64_t row = 0; row < at.rows; ++row) {
    const T* x = at.x + row * D;
    const T* dy = at.dy + row * D;
    T* dx = at.y + row * D;
    const auto r = at.scale[row];
    Math<T> sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t i = 0; i < D; ++i) sum += load(dy[i]) * at.weight[i] * load(x[i]);
    const auto mean = sum * r * r / static_cast<Math<T>>(D);
#pragma omp simd
    for (int64_t i = 0; i < D; ++i) {
      const auto xi = load(x[i]);
      const auto dyi = load(dy[i]);
      at.dweight[i] += dyi * xi * r;
      store(dx[i], r * (dyi * at.weight[i] - xi * mean));
    }
  }
}

}  // namespace

Pair rms_norm(const Tensor& x, const Tensor& weight, double eps) {
  auto y = at::empty_like(x);
  auto scale = at::empty({x.size(0)}, weight.options());
  AT_DISPATCH_FLOATING_TYPES_AND(at::kBFloat16, x.scalar_type(), "rms_norm", [&] {
    const Rows<scalar_t> all{.x = x.const_data_ptr<scalar_t>(),
                             .y = y.mutable_data_ptr<scalar_t>(),
                             .dy = nullptr,
                             .weight = weight.const_data_ptr<Math<scalar_t>>(),
                             .scale = scale.mutable_data_ptr<Math<scalar_t>>(),
                             .dweight = nullptr,
                             .rows = x.size(0),
                             .dim = x.size(1)};
    at::parallel_for(0, all.rows, kBlockRows, [&](int64_t begin, int64_t end) {
      auto part = all;
      part.x += begin * all.dim;
      part.y += begin * all.dim;
      part.scale += begin;
      part.rows = end - begin;
      forward_rows<scalar_t>(part, static_cast<Math<scalar_t>>(eps));
    });
  });
  return {y, scale};
}

Pair rms_norm_backward(const Tensor& dy, const Tensor& x, const Tensor& weight,
                       const Tensor& scale) {
  auto dx = at::empty_like(x);
  const auto blocks = (x.size(0) + kBlockRows - 1) / kBlockRows;
  auto dweight = at::zeros({blocks, x.size(1)}, weight.options());
  AT_DISPATCH_FLOATING_TYPES_AND(at::kBFloat16, x.scalar_type(), "rms_norm_backward", [&] {
    const Rows<scalar_t> all{.x = x.const_data_ptr<scalar_t>(),
                             .y = dx.mutable_data_ptr<scalar_t>(),
                             .dy = dy.const_data_ptr<scalar_t>(),
                             .weight = weight.const_data_ptr<Math<scalar_t>>(),
                             .scale = scale.mutable_data_ptr<Math<scalar_t>>(),
                             .dweight = dweight.mutable_data_ptr<Math<scalar_t>>(),
                             .rows = x.size(0),
                             .dim = x.size(1)};
    at::parallel_for(0, blocks, 1, [&](int64_t first, int64_t last) {
      for (auto block = first; block < last; ++block) {
        const auto begin = block * kBlockRows;
        auto part = all;
        part.x += begin * all.dim;
        part.y += begin * all.dim;
        part.dy += begin * all.dim;
        part.scale += begin;
        part.dweight += block * all.dim;
        part.rows = std::min(kBlockRows, all.rows - begin);
        backward_rows<scalar_t>(part);
      }
    });
  });
  return {dx, dweight.sum(0)};
}

}  // namespace reka::ops::cpu
