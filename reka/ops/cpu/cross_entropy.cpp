#include <algorithm>
#include <cmath>
#include <limits>

#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>

#include "reka/ops/cpu/simd.h"
#include "reka/ops/kernels.h"

namespace reka::ops::cpu {
namespace {

template <typename T>
struct Row {
  T* logits;
  int64_t vocab;
  int64_t target;
  Math<T> weight;
};

template <typename T>
REKA_SIMD Math<T> one_row(const Row<T>& row, bool differentiate) {
  const auto V = row.vocab;
  T* logits = row.logits;
  auto largest = -std::numeric_limits<Math<T>>::infinity();
#pragma omp simd reduction(max : largest)
  for (int64_t i = 0; i < V; ++i) {
    const auto l = load(logits[i]);
    largest = l > largest ? l : largest;
  }
  Math<T> sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < V; ++i) sum += exponential(load(logits[i]) - largest);
  const auto log_sum = largest + std::log(sum);
  const auto at_target = load(logits[row.target]);
  if (differentiate) {
#pragma omp simd
    for (int64_t i = 0; i < V; ++i) {
      store(logits[i], row.weight * exponential(load(logits[i]) - log_sum));
    }
    // 1 - p loses its digits in the dtype of the logits when p is near 1: recomputed in full.
    store(logits[row.target], row.weight * exponential(at_target - log_sum) - row.weight);
  }
  return log_sum - at_target;
}

}  // namespace

Tensor cross_entropy(const Tensor& logits, const Tensor& targets, const Tensor& weights,
                     bool differentiate) {
  const auto rows = logits.size(0);
  const auto vocab = logits.size(1);
  const auto math = at::toOpMathType(logits.scalar_type());
  auto losses = at::empty({rows}, logits.options().dtype(math));
  const auto w = weights.to(math).contiguous();
  const auto t = targets.contiguous();
  AT_DISPATCH_FLOATING_TYPES_AND(at::kBFloat16, logits.scalar_type(), "cross_entropy", [&] {
    auto* l = logits.mutable_data_ptr<scalar_t>();
    auto* out = losses.mutable_data_ptr<Math<scalar_t>>();
    const auto* target = t.const_data_ptr<int64_t>();
    const auto* weight = w.const_data_ptr<Math<scalar_t>>();
    at::parallel_for(0, rows, 1, [&](int64_t begin, int64_t end) {
      for (auto row = begin; row < end; ++row) {
        if (weight[row] == 0) {  // its target need not be valid
          out[row] = 0;
          if (differentiate) std::fill_n(l + row * vocab, vocab, scalar_t(0));
          continue;
        }
        TORCH_CHECK_INDEX(target[row] >= 0 && target[row] < vocab, "cross_entropy: target ",
                          target[row], ": must be below ", vocab);
        out[row] = one_row<scalar_t>({.logits = l + row * vocab,
                                      .vocab = vocab,
                                      .target = target[row],
                                      .weight = weight[row]},
                                     differentiate);
      }
    });
  });
  return losses;
}

}  // namespace reka::ops::cpu
