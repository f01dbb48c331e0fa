#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>

#include "reka/ops/cpu/simd.h"
#include "reka/ops/kernels.h"

namespace reka::ops::cpu {
namespace {

constexpr int64_t kGrainRows = 16;

template <typename T>
REKA_SIMD void forward_rows(const T* gate_up, T* y, int64_t rows, int64_t hidden) {
  for (int64_t row = 0; row < rows; ++row) {
    const T* g = gate_up + row * 2 * hidden;
    const T* u = g + hidden;
    T* out = y + row * hidden;
#pragma omp simd
    for (int64_t i = 0; i < hidden; ++i) {
      const auto gi = load(g[i]);
      store(out[i], gi * sigmoid(gi) * load(u[i]));
    }
  }
}

template <typename T>
REKA_SIMD void backward_rows(const T* dy, const T* gate_up, T* dgate_up, int64_t rows,
                             int64_t hidden) {
  for (int64_t row = 0; row < rows; ++row) {
    const T* g = gate_up + row * 2 * hidden;
    const T* u = g + hidden;
    const T* d = dy + row * hidden;
    T* dg = dgate_up + row * 2 * hidden;
    T* du = dg + hidden;
#pragma omp simd
    for (int64_t i = 0; i < hidden; ++i) {
      const auto gi = load(g[i]);
      const auto di = load(d[i]);
      const auto s = sigmoid(gi);
      store(dg[i], di * load(u[i]) * s * (1 + gi * (1 - s)));
      store(du[i], di * gi * s);
    }
  }
}

}  // namespace

Tensor swiglu(const Tensor& gate_up) {
  const auto hidden = gate_up.size(1) / 2;
  auto y = at::empty({gate_up.size(0), hidden}, gate_up.options());
  AT_DISPATCH_FLOATING_TYPES_AND(at::kBFloat16, y.scalar_type(), "swiglu", [&] {
    const auto* in = gate_up.const_data_ptr<scalar_t>();
    auto* out = y.mutable_data_ptr<scalar_t>();
    at::parallel_for(0, y.size(0), kGrainRows, [&](int64_t begin, int64_t end) {
      forward_rows(in + begin * 2 * hidden, out + begin * hidden, end - begin, hidden);
    });
  });
  return y;
}

Tensor swiglu_backward(const Tensor& dy, const Tensor& gate_up) {
  const auto hidden = dy.size(1);
  auto dgate_up = at::empty_like(gate_up);
  AT_DISPATCH_FLOATING_TYPES_AND(at::kBFloat16, dy.scalar_type(), "swiglu_backward", [&] {
    const auto* d = dy.const_data_ptr<scalar_t>();
    const auto* in = gate_up.const_data_ptr<scalar_t>();
    auto* out = dgate_up.mutable_data_ptr<scalar_t>();
    at::parallel_for(0, dy.size(0), kGrainRows, [&](int64_t begin, int64_t end) {
      backward_rows(d + begin * hidden, in + begin * 2 * hidden, out + begin * 2 * hidden,
                    end - begin, hidden);
    });
  });
  return dgate_up;
}

}  // namespace reka::ops::cpu
