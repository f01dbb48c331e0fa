#include "reka/ops/cpu/attention_few.h"

#include <cmath>

#include <ATen/Dispatch.h>
#include <ATen/ops/empty.h>

#include "reka/ops/cpu/attention_shape.h"
#include "reka/ops/cpu/simd.h"

namespace reka::ops::cpu {
namespace {

constexpr int64_t kFew = 4;

template <typename T>
struct Keys {
  const T* data;
  int64_t stride, count, K;
};

template <typename T>
REKA_SIMD void scores_of(const T* query, const Keys<T>& keys, Math<T> scale, Math<T>* scores) {
  for (int64_t j = 0; j < keys.count; ++j) {
    const T* key = keys.data + j * keys.stride;
    Math<T> sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t i = 0; i < keys.K; ++i) sum += load(query[i]) * load(key[i]);
    scores[j] = sum * scale;
  }
}

// Replaces scores by their softmax and returns the logarithm of its denominator.
template <typename T>
REKA_SIMD T soften(T* scores, int64_t count) {
  T largest = scores[0];
  for (int64_t j = 1; j < count; ++j) largest = std::max(largest, scores[j]);
  T sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t j = 0; j < count; ++j) {
    scores[j] = exponential(scores[j] - largest);
    sum += scores[j];
  }
  const T factor = 1 / sum;
#pragma omp simd
  for (int64_t j = 0; j < count; ++j) scores[j] *= factor;
  return largest + std::log(sum);
}

template <typename T>
REKA_SIMD void mix(const Math<T>* weights, const Keys<T>& values, Math<T>* sum, T* out) {
  for (int64_t i = 0; i < values.K; ++i) sum[i] = 0;
  for (int64_t j = 0; j < values.count; ++j) {
    const T* value = values.data + j * values.stride;
#pragma omp simd
    for (int64_t i = 0; i < values.K; ++i) sum[i] += weights[j] * load(value[i]);
  }
#pragma omp simd
  for (int64_t i = 0; i < values.K; ++i) store(out[i], sum[i]);
}

template <typename T>
struct Few {
  const at::Tensor &q, &k, &v, &output, &log_sum;
  const AttentionLayout& layout;

  // Head h of query i of document d.
  void row(int64_t d, int64_t i, int64_t h) const {
    const auto c = h / (q.size(1) / k.size(1));
    const auto K = q.size(2);
    const auto keys = layout.keys(d);
    const auto causal = i + 1 + keys - layout.queries(d);
    const auto seen = std::clamp<int64_t>(std::max(causal, layout.prefixes[d]), 0, keys);
    auto& scratch = Scratch::of_this_thread((seen + K) * static_cast<int64_t>(sizeof(Math<T>)));
    auto* scores = scratch.take<Math<T>>(seen);
    auto* sum = scratch.take<Math<T>>(K);
    const auto token = layout.q_starts[d] + i;
    const auto kv = [&](const at::Tensor& x) {
      return Keys<T>{x.const_data_ptr<T>() + layout.kv_starts[d] * x.stride(0) + c * K, x.stride(0),
                     seen, K};
    };
    auto& total = log_sum.mutable_data_ptr<Math<T>>()[token * q.size(1) + h];
    total = 0;
    if (seen > 0) {
      scores_of(q.const_data_ptr<T>() + token * q.stride(0) + h * K, kv(k),
                static_cast<Math<T>>(1 / std::sqrt(static_cast<double>(K))), scores);
      total = soften(scores, seen);
    }
    mix(scores, kv(v), sum, output.mutable_data_ptr<T>() + (token * q.size(1) + h) * K);
  }
};

}  // namespace

bool few_queries(const AttentionLayout& layout) {
  for (int64_t d = 0; d < layout.documents(); ++d) {
    if (layout.queries(d) > kFew) return false;
  }
  return true;
}

std::tuple<at::Tensor, at::Tensor> attention_few(const at::Tensor& q, const at::Tensor& k,
                                                 const at::Tensor& v,
                                                 const AttentionLayout& layout) {
  auto output = at::empty(q.sizes(), q.options());
  auto log_sum =
      at::empty({q.size(0), q.size(1)}, q.options().dtype(at::toOpMathType(q.scalar_type())));
  const auto heads = q.size(1);
  AT_DISPATCH_FLOATING_TYPES_AND(at::kBFloat16, q.scalar_type(), "attention", [&] {
    const Few<scalar_t> few{q, k, v, output, log_sum, layout};
    run_tasks(layout.documents() * heads, [&](int64_t task) {
      const auto d = task / heads;
      for (int64_t i = 0; i < layout.queries(d); ++i) few.row(d, i, task % heads);
    });
  });
  return {output, log_sum};
}

}  // namespace reka::ops::cpu
