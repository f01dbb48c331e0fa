#include <algorithm>
#include <numeric>
#include <vector>

#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>
#include <ATen/ops/zeros.h>

#include "reka/ops/cpu/simd.h"
#include "reka/ops/kernels.h"

namespace reka::ops::cpu {
namespace {

template <typename T>
REKA_SIMD void add_row(Math<T>* sum, const T* row, int64_t dim) {
#pragma omp simd
  for (int64_t i = 0; i < dim; ++i) sum[i] += load(row[i]);
}

template <typename T>
REKA_SIMD void write_row(T* out, const Math<T>* sum, int64_t dim) {
#pragma omp simd
  for (int64_t i = 0; i < dim; ++i) store(out[i], sum[i]);
}

}  // namespace

// Occurrences are sorted by token, so that each row of the gradient is summed and written once.
Tensor embedding_backward(const Tensor& dy, const Tensor& tokens, int64_t vocab) {
  const auto dim = dy.size(1);
  const auto count = dy.size(0);
  auto dweight = at::zeros({vocab, dim}, dy.options());
  const auto* token = tokens.const_data_ptr<int64_t>();
  std::vector<int64_t> order(count);
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](int64_t a, int64_t b) { return token[a] < token[b]; });
  std::vector<int64_t> firsts;  // of each run of equal tokens in `order`
  for (int64_t i = 0; i < count; ++i) {
    if (i == 0 || token[order[i]] != token[order[i - 1]]) firsts.push_back(i);
  }
  const auto runs = static_cast<int64_t>(firsts.size());
  firsts.push_back(count);
  AT_DISPATCH_FLOATING_TYPES_AND(at::kBFloat16, dy.scalar_type(), "embedding_backward", [&] {
    const auto* d = dy.const_data_ptr<scalar_t>();
    auto* out = dweight.mutable_data_ptr<scalar_t>();
    at::parallel_for(0, runs, 16, [&](int64_t begin, int64_t end) {
      std::vector<Math<scalar_t>> sum(dim);
      for (auto run = begin; run < end; ++run) {
        std::fill(sum.begin(), sum.end(), 0);
        for (auto i = firsts[run]; i < firsts[run + 1]; ++i) {
          add_row<scalar_t>(sum.data(), d + order[i] * dim, dim);
        }
        write_row<scalar_t>(out + token[order[firsts[run]]] * dim, sum.data(), dim);
      }
    });
  });
  return dweight;
}

}  // namespace reka::ops::cpu
