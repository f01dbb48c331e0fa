#include <cmath>
#include <limits>
#include <numeric>

#include <ATen/ATen.h>

#include "reka/ops/kernels.h"

// Flash attention (Dao 2023, arXiv:2307.08691) over packed documents where it has a kernel, and the
// plain formula document by document where it has none (fp32, large heads). Flash attention knows
// causal attention with aligned ends and attention both ways; a document with a prefix is one of
// each: the queries of the prefix see the prefix, the others are causal.
namespace reka::ops::cuda {
namespace {

/// Queries that flash attention takes in one call.
struct Part {
  bool causal = false;
  std::vector<int32_t> q_starts{0}, kv_starts{0};
  std::vector<int64_t> q_tokens, kv_tokens;  // rows of the inputs
  int64_t most_queries = 0, most_keys = 0;

  void add(int64_t first_query, int64_t queries, int64_t first_key, int64_t keys) {
    if (queries == 0) return;
    append(q_tokens, first_query, queries);
    append(kv_tokens, first_key, keys);
    q_starts.push_back(static_cast<int32_t>(q_tokens.size()));
    kv_starts.push_back(static_cast<int32_t>(kv_tokens.size()));
    most_queries = std::max(most_queries, queries);
    most_keys = std::max(most_keys, keys);
  }

 private:
  static void append(std::vector<int64_t>& rows, int64_t first, int64_t count) {
    rows.resize(rows.size() + count);
    std::iota(rows.end() - count, rows.end(), first);
  }
};

std::vector<Part> parts_of(const AttentionLayout& layout) {
  Part causal{.causal = true};
  Part both_ways;
  for (int64_t d = 0; d < layout.documents(); ++d) {
    const auto n = layout.queries(d);
    const auto keys = layout.keys(d);
    const auto prefix = std::min(layout.prefixes[d], keys);
    const auto past = keys - n;                                    // keys before the first query
    const auto inside = std::clamp<int64_t>(prefix - past, 0, n);  // queries of the prefix
    both_ways.add(layout.q_starts[d], inside, layout.kv_starts[d], prefix);
    causal.add(layout.q_starts[d] + inside, n - inside, layout.kv_starts[d], keys);
  }
  std::vector<Part> parts;
  for (auto* part : {&causal, &both_ways}) {
    if (!part->q_tokens.empty()) parts.push_back(std::move(*part));
  }
  return parts;
}

template <typename Int>
Tensor on_device(const std::vector<Int>& values, const Tensor& like) {
  return at::tensor(values, like.options().dtype(c10::CppTypeToScalarType<Int>::value));
}

/// A part's inputs: the tensors themselves when it has all of their rows.
struct Selected {
  Selected(const Part& part, const Tensor& queries, const Tensor& keys)
      : all_q(static_cast<int64_t>(part.q_tokens.size()) == queries.size(0)),
        all_kv(static_cast<int64_t>(part.kv_tokens.size()) == keys.size(0)),
        q_rows(all_q ? Tensor() : on_device(part.q_tokens, queries)),
        kv_rows(all_kv ? Tensor() : on_device(part.kv_tokens, queries)),
        q_starts(on_device(part.q_starts, queries)),
        kv_starts(on_device(part.kv_starts, queries)) {}

  Tensor q(const Tensor& x) const { return all_q ? x : x.index_select(0, q_rows); }
  Tensor kv(const Tensor& x) const { return all_kv ? x : x.index_select(0, kv_rows); }
  void add_q(const Tensor& sum, const Tensor& x) const {
    all_q ? sum.add_(x) : sum.index_add_(0, q_rows, x);
  }
  void add_kv(const Tensor& sum, const Tensor& x) const {
    all_kv ? sum.add_(x) : sum.index_add_(0, kv_rows, x);
  }

  bool all_q, all_kv;
  Tensor q_rows, kv_rows, q_starts, kv_starts;
};

bool has_flash(const Tensor& q) {
  return q.scalar_type() == at::kBFloat16 && q.size(2) % 8 == 0 && q.size(2) <= 256;
}

double scale_of(const Tensor& q) {
  return 1 / std::sqrt(static_cast<double>(q.size(2)));
}

// log_sum is [heads, tokens].
Pair flash(const Tensor& q, const Tensor& k, const Tensor& v, const AttentionLayout& layout) {
  auto output = at::zeros(q.sizes(), q.options());
  auto log_sum = at::zeros({q.size(1), q.size(0)}, q.options().dtype(at::kFloat));
  for (const auto& part : parts_of(layout)) {
    const Selected rows(part, q, k);
    const auto result = at::_flash_attention_forward(
        rows.q(q), rows.kv(k), rows.kv(v), rows.q_starts, rows.kv_starts, part.most_queries,
        part.most_keys, /*dropout_p=*/0, part.causal, /*return_debug_mask=*/false, scale_of(q));
    rows.add_q(output, std::get<0>(result));
    rows.add_q(log_sum.t(), std::get<1>(result).t());
  }
  return {output, log_sum};
}

void flash_backward(const AttentionGrad& grad, const AttentionLayout& layout) {
  const auto no_dropout = at::empty({2}, grad.q.options().dtype(at::kUInt64));
  for (const auto& part : parts_of(layout)) {
    const Selected rows(part, grad.q, grad.k);
    const auto sums = rows.q(grad.log_sum.t()).t().contiguous();
    const auto [dq, dk, dv] = at::_flash_attention_backward(
        rows.q(grad.doutput), rows.q(grad.q), rows.kv(grad.k), rows.kv(grad.v), rows.q(grad.output),
        sums, rows.q_starts, rows.kv_starts, part.most_queries, part.most_keys, /*dropout_p=*/0,
        part.causal, no_dropout, no_dropout, scale_of(grad.q));
    rows.add_q(grad.dq, dq);
    rows.add_kv(grad.dk, dk);
    rows.add_kv(grad.dv, dv);
  }
}

/// One document by the plain formula, by heads, in the precision of sums.
struct Document {
  Document(const Tensor& q, const Tensor& k, const AttentionLayout& layout_, int64_t d_)
      : layout(layout_), d(d_), group(q.size(1) / k.size(1)), scale(scale_of(q)) {}

  Tensor queries(const Tensor& x) const {
    return by_head(x, layout.q_starts[d], layout.queries(d), 1);
  }
  Tensor keys(const Tensor& x) const {
    return by_head(x, layout.kv_starts[d], layout.keys(d), group);
  }

  // softmax(q k^T scale), 0 where not seen: [heads, queries, keys]
  Tensor weights(const Tensor& q, const Tensor& k) const {
    const auto n = layout.queries(d);
    const auto count = layout.keys(d);
    const auto integers = q.options().dtype(at::kLong);
    const auto limit = (at::arange(n, integers) + (1 + count - n)).clamp_min(layout.prefixes[d]);
    const auto hidden = at::arange(count, integers).unsqueeze(0) >= limit.unsqueeze(1);
    const auto scores = (queries(q).matmul(keys(k).transpose(1, 2)) * scale)
                            .masked_fill(hidden, -std::numeric_limits<double>::infinity());
    return scores.softmax(-1).masked_fill(hidden, 0);
  }
  // Sums the query heads of each key head: [heads, keys, K] -> [keys, kv_heads, K]
  Tensor grouped(const Tensor& x) const {
    return x.unflatten(0, {x.size(0) / group, group}).sum(1).transpose(0, 1);
  }
  Tensor rows_q(const Tensor& x) const {
    return x.narrow(0, layout.q_starts[d], layout.queries(d));
  }
  Tensor rows_kv(const Tensor& x) const { return x.narrow(0, layout.kv_starts[d], layout.keys(d)); }

  const AttentionLayout& layout;
  int64_t d, group;
  double scale;

 private:
  static Tensor by_head(const Tensor& x, int64_t first, int64_t count, int64_t repeats) {
    const auto math = at::toOpMathType(x.scalar_type());
    return x.narrow(0, first, count).transpose(0, 1).to(math).repeat_interleave(repeats, 0);
  }
};

bool has_pairs(const AttentionLayout& layout, int64_t d) {
  return layout.queries(d) > 0 && layout.keys(d) > 0;
}

Pair plain(const Tensor& q, const Tensor& k, const Tensor& v, const AttentionLayout& layout) {
  auto output = at::zeros(q.sizes(), q.options());
  for (int64_t d = 0; d < layout.documents(); ++d) {
    if (!has_pairs(layout, d)) continue;
    const Document document(q, k, layout, d);
    const auto mixed = document.weights(q, k).matmul(document.keys(v));
    document.rows_q(output).copy_(mixed.transpose(0, 1));
  }
  return {output, at::empty({0}, q.options())};  // the backward computes the weights anew
}

void plain_backward(const AttentionGrad& grad, const AttentionLayout& layout) {
  for (int64_t d = 0; d < layout.documents(); ++d) {
    if (!has_pairs(layout, d)) continue;
    const Document document(grad.q, grad.k, layout, d);
    const auto p = document.weights(grad.q, grad.k);
    const auto dy = document.queries(grad.doutput);
    const auto along = (dy * document.queries(grad.output)).sum(-1, true);
    const auto dp = dy.matmul(document.keys(grad.v).transpose(1, 2));
    const auto ds = p * (dp - along) * document.scale;
    document.rows_q(grad.dq).copy_(ds.matmul(document.keys(grad.k)).transpose(0, 1));
    document.rows_kv(grad.dk).copy_(
        document.grouped(ds.transpose(1, 2).matmul(document.queries(grad.q))));
    document.rows_kv(grad.dv).copy_(document.grouped(p.transpose(1, 2).matmul(dy)));
  }
}

}  // namespace

Pair attention(const Tensor& q, const Tensor& k, const Tensor& v, const AttentionLayout& layout) {
  return has_flash(q) ? flash(q, k, v, layout) : plain(q, k, v, layout);
}

void attention_backward(const AttentionGrad& grad, const AttentionLayout& layout) {
  grad.dq.zero_();
  grad.dk.zero_();
  grad.dv.zero_();
  has_flash(grad.q) ? flash_backward(grad, layout) : plain_backward(grad, layout);
}

}  // namespace reka::ops::cuda
