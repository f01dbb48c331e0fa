#include "reka/ops/kernels.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>

namespace reka::ops::meta {
namespace {

at::TensorOptions sums_of(const Tensor& x) {
  return x.options().dtype(at::toOpMathType(x.scalar_type()));
}

}  // namespace

Pair rms_norm(const Tensor& x, const Tensor& /*weight*/, double /*eps*/) {
  return {at::empty_like(x), at::empty({x.size(0)}, sums_of(x))};
}

Pair rms_norm_backward(const Tensor& /*dy*/, const Tensor& x, const Tensor& weight,
                       const Tensor& /*scale*/) {
  return {at::empty_like(x), at::empty_like(weight)};
}

Tensor rope(const Tensor& x, const Tensor& /*cosine*/, const Tensor& /*sine*/, int64_t /*rotated*/,
            bool /*inverse*/) {
  return at::empty_like(x);
}

Tensor swiglu(const Tensor& gate_up) {
  return at::empty({gate_up.size(0), gate_up.size(1) / 2}, gate_up.options());
}

Tensor swiglu_backward(const Tensor& /*dy*/, const Tensor& gate_up) {
  return at::empty_like(gate_up);
}

Pair attention(const Tensor& q, const Tensor& /*k*/, const Tensor& /*v*/,
               const AttentionLayout& /*layout*/) {
  return {at::empty(q.sizes(), q.options()), at::empty({q.size(0), q.size(1)}, sums_of(q))};
}

void attention_backward(const AttentionGrad& /*grad*/, const AttentionLayout& /*layout*/) {}

Tensor cross_entropy(const Tensor& logits, const Tensor& /*targets*/, const Tensor& /*weights*/,
                     bool /*differentiate*/) {
  return at::empty({logits.size(0)}, sums_of(logits));
}

Tensor embedding_backward(const Tensor& dy, const Tensor& /*tokens*/, int64_t vocab) {
  return at::empty({vocab, dy.size(1)}, dy.options());
}

}  // namespace reka::ops::meta
