#include <algorithm>
#include <cmath>

#include <ATen/ATen.h>

#include "reka/ops/kernels.h"

namespace reka::ops::cpu {
namespace {

// The heads of document d in sums' precision: [heads, tokens of the document, head_dim].
Tensor heads_of(const Tensor& x, int64_t begin, int64_t count, int64_t repeats) {
  const auto part = x.narrow(0, begin, count).transpose(0, 1).to(at::toOpMathType(x.scalar_type()));
  return part.repeat_interleave(repeats, 0);
}

Tensor visible(const AttentionLayout& layout, int64_t d) {
  const auto n = layout.queries(d);
  const auto keys = layout.keys(d);
  const auto limit = (at::arange(n) + (1 + keys - n)).clamp_min(layout.prefixes[d]);
  return at::arange(keys).unsqueeze(0) < limit.unsqueeze(1);  // [queries, keys]
}

Tensor scores_of(const Tensor& q, const Tensor& k, const AttentionLayout& layout, int64_t d) {
  const auto scale = 1 / std::sqrt(static_cast<double>(q.size(2)));
  return (at::matmul(q, k.transpose(1, 2)) * scale)
      .masked_fill(~visible(layout, d), -std::numeric_limits<double>::infinity());
}

}  // namespace

Pair attention(const Tensor& q, const Tensor& k, const Tensor& v, const AttentionLayout& layout) {
  const auto group = q.size(1) / k.size(1);
  auto output = at::zeros(q.sizes(), q.options());
  auto log_sum =
      at::zeros({q.size(1), q.size(0)}, q.options().dtype(at::toOpMathType(q.scalar_type())));
  for (int64_t d = 0; d < layout.documents(); ++d) {
    const auto n = layout.queries(d);
    const auto keys = layout.keys(d);
    if (n == 0 || keys == 0) continue;
    const auto qd = heads_of(q, layout.q_starts[d], n, 1);
    const auto kd = heads_of(k, layout.kv_starts[d], keys, group);
    const auto vd = heads_of(v, layout.kv_starts[d], keys, group);
    const auto scores = scores_of(qd, kd, layout, d);
    const auto od = at::nan_to_num(at::softmax(scores, -1)).matmul(vd);
    output.narrow(0, layout.q_starts[d], n).copy_(od.transpose(0, 1));
    log_sum.narrow(1, layout.q_starts[d], n).copy_(at::logsumexp(scores, -1));
  }
  return {output, log_sum};
}

void attention_backward(const AttentionGrad& grad, const AttentionLayout& layout) {
  const auto group = grad.q.size(1) / grad.k.size(1);
  const auto scale = 1 / std::sqrt(static_cast<double>(grad.q.size(2)));
  grad.dq.zero_();
  grad.dk.zero_();
  grad.dv.zero_();
  for (int64_t d = 0; d < layout.documents(); ++d) {
    const auto n = layout.queries(d);
    const auto keys = layout.keys(d);
    if (n == 0 || keys == 0) continue;
    const auto qd = heads_of(grad.q, layout.q_starts[d], n, 1);
    const auto kd = heads_of(grad.k, layout.kv_starts[d], keys, group);
    const auto vd = heads_of(grad.v, layout.kv_starts[d], keys, group);
    const auto od = heads_of(grad.output, layout.q_starts[d], n, 1);
    const auto dod = heads_of(grad.doutput, layout.q_starts[d], n, 1);
    const auto p = at::nan_to_num(at::softmax(scores_of(qd, kd, layout, d), -1));
    const auto dp = dod.matmul(vd.transpose(1, 2));
    const auto ds = p * (dp - (dod * od).sum(-1, true)) * scale;
    const auto grouped = [&](const Tensor& x) {  // sums the query heads of each key head
      return x.unflatten(0, {grad.k.size(1), group}).sum(1).transpose(0, 1);
    };
    grad.dq.narrow(0, layout.q_starts[d], n).copy_(ds.matmul(kd).transpose(0, 1));
    grad.dk.narrow(0, layout.kv_starts[d], keys).copy_(grouped(ds.transpose(1, 2).matmul(qd)));
    grad.dv.narrow(0, layout.kv_starts[d], keys).copy_(grouped(p.transpose(1, 2).matmul(dod)));
  }
}

}  // namespace reka::ops::cpu
