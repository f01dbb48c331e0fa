#include "reka/ops/cross_entropy.h"

#include <algorithm>

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/nonzero.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <torch/csrc/autograd/custom_function.h>

#include "reka/ops/dispatch.h"
#include "reka/ops/kernels.h"

namespace reka::ops {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Logits of a chunk take this much memory; more tokens at a time make the products faster, and each
// chunk reads and writes the whole gradient of the weight.
constexpr int64_t kChunkBytes = 64 << 20;
constexpr int64_t kChunkBytesOnGpu = 1 << 30;
constexpr int64_t kMinChunk = 512;

auto kernel(const at::Tensor& x) {
  return on(x, cpu::cross_entropy, cuda::cross_entropy, meta::cross_entropy);
}

at::Tensor weighted_sum(const at::Tensor& losses, const at::Tensor& weights) {
  return (losses * weights).sum();
}

void check(const at::Tensor& rows, const at::Tensor& targets, const at::Tensor& target_weight) {
  TORCH_CHECK(rows.dim() == 2 && targets.dim() == 1 && targets.size(0) == rows.size(0) &&
                  target_weight.sizes() == targets.sizes() && targets.scalar_type() == at::kLong &&
                  target_weight.is_floating_point(),
              "cross_entropy: rows are ", rows.sizes(), ", targets ", targets.scalar_type(),
              targets.sizes(), ", target_weight ", target_weight.scalar_type(),
              target_weight.sizes());
}

struct Gradients {
  at::Tensor losses, hidden, weight;  // undefined where not wanted
};

struct Wanted {
  bool hidden, weight;
};

int64_t chunk_rows(int64_t rows, const at::Tensor& weight) {
  const auto row_bytes = weight.size(0) * static_cast<int64_t>(weight.element_size());
  const auto most =
      std::max(kMinChunk, (weight.is_cpu() ? kChunkBytes : kChunkBytesOnGpu) / row_bytes);
  const auto chunks = std::max<int64_t>(1, (rows + most - 1) / most);
  return (rows + chunks - 1) / chunks;
}

// loss = logsumexp(l) - l[target]; with p = softmax(l): dl = w (p - onehot(target)).
// All rows have a weight that matters. The gradient of `weight` is summed over chunks in fp32.
Gradients in_chunks(const at::Tensor& hidden, const at::Tensor& weight, const at::Tensor& targets,
                    const at::Tensor& weights, Wanted wanted) {
  const auto rows = hidden.size(0);
  const auto step = std::max<int64_t>(1, chunk_rows(rows, weight));
  const auto math = at::toOpMathType(weight.scalar_type());
  Gradients result{.losses = at::empty({rows}, hidden.options().dtype(math))};
  if (wanted.hidden) result.hidden = at::empty_like(hidden);
  auto buffer = at::empty({std::min(step, rows), weight.size(0)}, hidden.options());
  for (int64_t begin = 0; begin < rows; begin += step) {
    const auto count = std::min(step, rows - begin);
    const auto h = hidden.narrow(0, begin, count);
    auto logits = buffer.narrow(0, 0, count);
    at::mm_out(logits, h, weight.t());
    const auto losses =
        kernel(logits)(logits, targets.narrow(0, begin, count), weights.narrow(0, begin, count),
                       wanted.hidden || wanted.weight);
    result.losses.narrow(0, begin, count).copy_(losses);
    if (wanted.hidden) {
      auto dh = result.hidden.narrow(0, begin, count);
      at::mm_out(dh, logits, weight);
    }
    if (wanted.weight) {
      const auto dw = at::mm(logits.t(), h);
      result.weight =
          !result.weight.defined() ? (step < rows ? dw.to(math) : dw) : result.weight.add_(dw);
    }
  }
  if (wanted.weight && !result.weight.defined()) result.weight = at::zeros_like(weight);
  if (wanted.weight) result.weight = result.weight.to(weight.scalar_type());
  return result;
}

// Rows of weight 0 are left out on the CPU; on a GPU their number would have to be read back.
Gradients over_targets(const at::Tensor& hidden, const at::Tensor& weight,
                       const at::Tensor& targets, const at::Tensor& weights, Wanted wanted) {
  if (!hidden.is_cpu()) return in_chunks(hidden, weight, targets, weights, wanted);
  const auto kept = at::nonzero(weights).squeeze(1);
  if (kept.size(0) == hidden.size(0)) {
    return in_chunks(hidden, weight, targets, weights, wanted);
  }
  auto part = in_chunks(hidden.index_select(0, kept), weight, targets.index_select(0, kept),
                        weights.index_select(0, kept), wanted);
  auto losses = at::zeros({hidden.size(0)}, part.losses.options());
  part.losses = losses.index_copy_(0, kept, part.losses);
  if (wanted.hidden) {
    part.hidden = at::zeros_like(hidden).index_copy_(0, kept, part.hidden);
  }
  return part;
}

class OfLinear : public torch::autograd::Function<OfLinear> {
 public:
  static variable_list forward(AutogradContext* ctx, const at::Tensor& hidden,
                               const at::Tensor& weight, const at::Tensor& targets,
                               const at::Tensor& weights) {
    const Wanted wanted{.hidden = hidden.requires_grad(), .weight = weight.requires_grad()};
    auto part = over_targets(hidden, weight, targets, weights, wanted);
    ctx->save_for_backward({part.hidden, part.weight});
    ctx->mark_non_differentiable({part.losses});
    return {weighted_sum(part.losses, weights), part.losses};
  }
  static variable_list backward(AutogradContext* ctx, const variable_list& dy) {
    auto saved = ctx->get_saved_variables();
    for (auto& gradient : saved) {
      if (gradient.defined()) gradient = gradient * dy[0];
    }
    return {saved[0], saved[1], {}, {}};
  }
};

}  // namespace

CrossEntropy linear_cross_entropy(const at::Tensor& hidden, const at::Tensor& weight,
                                  const at::Tensor& targets, const at::Tensor& target_weight) {
  check(hidden, targets, target_weight);
  TORCH_CHECK(weight.dim() == 2 && weight.size(1) == hidden.size(1) &&
                  weight.scalar_type() == hidden.scalar_type(),
              "linear_cross_entropy: hidden is ", hidden.scalar_type(), hidden.sizes(),
              ", weight is ", weight.scalar_type(), weight.sizes());
  if (!at::GradMode::is_enabled()) {
    const auto part =
        over_targets(hidden, weight, targets, target_weight, {.hidden = false, .weight = false});
    return {.sum = weighted_sum(part.losses, target_weight), .losses = part.losses};
  }
  const auto result = OfLinear::apply(hidden.contiguous(), weight, targets, target_weight);
  return {.sum = result[0], .losses = result[1]};
}

}  // namespace reka::ops
