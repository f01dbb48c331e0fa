#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>
#include <ATen/ops/empty_like.h>

#include "reka/ops/cpu/simd.h"
#include "reka/ops/kernels.h"

namespace reka::ops::cpu {
namespace {

constexpr int64_t kGrainTokens = 32;

struct Shape {
  int64_t tokens, heads, rotated, half;
};

template <typename T>
REKA_SIMD void rotate(const T* x, T* y, const Math<T>* cosine, const Math<T>* sine, Math<T> sign,
                      Shape shape) {
  const auto half = shape.half;
  for (int64_t t = 0; t < shape.tokens; ++t, cosine += half, sine += half) {
    for (int64_t h = 0; h < shape.rotated; ++h, x += 2 * half, y += 2 * half) {
#pragma omp simd
      for (int64_t i = 0; i < half; ++i) {
        const auto a = load(x[i]);
        const auto b = load(x[i + half]);
        const auto s = sign * sine[i];
        store(y[i], a * cosine[i] - b * s);
        store(y[i + half], b * cosine[i] + a * s);
      }
    }
    const auto copied = (shape.heads - shape.rotated) * 2 * half;
#pragma omp simd
    for (int64_t i = 0; i < copied; ++i) y[i] = x[i];
    x += copied;
    y += copied;
  }
}

}  // namespace

Tensor rope(const Tensor& x, const Tensor& cosine, const Tensor& sine, int64_t rotated,
            bool inverse) {
  auto y = at::empty_like(x);
  const auto heads = x.size(1);
  const auto half = x.size(2) / 2;
  AT_DISPATCH_FLOATING_TYPES_AND(at::kBFloat16, x.scalar_type(), "rope", [&] {
    const auto* in = x.const_data_ptr<scalar_t>();
    auto* out = y.mutable_data_ptr<scalar_t>();
    const auto* c = cosine.const_data_ptr<Math<scalar_t>>();
    const auto* s = sine.const_data_ptr<Math<scalar_t>>();
    at::parallel_for(0, x.size(0), kGrainTokens, [&](int64_t begin, int64_t end) {
      const auto first = begin * heads * 2 * half;
      rotate<scalar_t>(in + first, out + first, c + begin * half, s + begin * half,
                       inverse ? -1 : 1, {end - begin, heads, rotated, half});
    });
  });
  return y;
}

}  // namespace reka::ops::cpu
