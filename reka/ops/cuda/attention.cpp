#include <cmath>
#include <limits>
#include <numeric>

#include <ATen/ATen.h>

#include "reka/ops/kernels.h"
#include "reka/ops/to_device.h"

// Flash attention (Dao 2023, arXiv:2307.08691) over packed documents where it has a kernel, and the
// plain formula block by block where it has none (fp32, large heads). Flash attention knows causal
// attention with aligned ends and attention both ways; a document with a prefix is one of each: the
// queries of the prefix see the prefix, the others are causal.
namespace reka::ops::cuda {
namespace {

/// Queries that flash attention takes in one call, on the host.
struct Runs {
  std::vector<int32_t> q_starts{0}, kv_starts{0};
  std::vector<int64_t> q_rows, kv_rows;  // of the inputs
  int64_t most_queries = 0, most_keys = 0;

  void add(int64_t first_query, int64_t queries, int64_t first_key, int64_t keys) {
    if (queries == 0) return;
    append(q_rows, first_query, queries);
    append(kv_rows, first_key, keys);
    q_starts.push_back(static_cast<int32_t>(q_rows.size()));
    kv_starts.push_back(static_cast<int32_t>(kv_rows.size()));
    most_queries = std::max(most_queries, queries);
    most_keys = std::max(most_keys, keys);
  }

 private:
  static void append(std::vector<int64_t>& rows, int64_t first, int64_t count) {
    rows.resize(rows.size() + count);
    std::iota(rows.end() - count, rows.end(), first);
  }
};

/// The same on the device. A part that has all rows of the inputs reads the inputs themselves.
struct Part {
  Part(const Runs& runs, const AttentionLayout& layout, const at::Device& device, bool causal_)
      : causal(causal_),
        most_queries(runs.most_queries),
        most_keys(runs.most_keys),
        q_starts(to_device(runs.q_starts, device)),
        kv_starts(to_device(runs.kv_starts, device)) {
    const auto all = [](const std::vector<int64_t>& rows, const std::vector<int64_t>& starts) {
      return static_cast<int64_t>(rows.size()) == starts.back();
    };
    if (!all(runs.q_rows, layout.q_starts)) q_rows = to_device(runs.q_rows, device);
    if (!all(runs.kv_rows, layout.kv_starts)) kv_rows = to_device(runs.kv_rows, device);
  }

  Tensor q(const Tensor& x) const { return q_rows.defined() ? x.index_select(0, q_rows) : x; }
  Tensor kv(const Tensor& x) const { return kv_rows.defined() ? x.index_select(0, kv_rows) : x; }
  void add_q(const Tensor& sum, const Tensor& x) const {
    q_rows.defined() ? sum.index_add_(0, q_rows, x) : sum.add_(x);
  }
  void add_kv(const Tensor& sum, const Tensor& x) const {
    kv_rows.defined() ? sum.index_add_(0, kv_rows, x) : sum.add_(x);
  }

  bool causal;
  int64_t most_queries, most_keys;
  Tensor q_starts, kv_starts;
  Tensor q_rows, kv_rows;  // undefined where the part has all of them
};

struct Parts {
  Parts(const AttentionLayout& layout, const at::Device& device_) : device(device_) {
    Runs causal, both_ways;
    for (int64_t d = 0; d < layout.documents(); ++d) {
      const auto n = layout.queries(d);
      const auto keys = layout.keys(d);
      const auto prefix = std::min(layout.prefixes[d], keys);
      const auto past = keys - n;                                    // keys before the first query
      const auto inside = std::clamp<int64_t>(prefix - past, 0, n);  // queries of the prefix
      both_ways.add(layout.q_starts[d], inside, layout.kv_starts[d], prefix);
      causal.add(layout.q_starts[d] + inside, n - inside, layout.kv_starts[d], keys);
    }
    if (!causal.q_rows.empty()) all.emplace_back(causal, layout, device, true);
    if (!both_ways.q_rows.empty()) all.emplace_back(both_ways, layout, device, false);
  }

  at::Device device;
  std::vector<Part> all;
};

/// Made once for all that share the layout, so that no layer waits for its copies.
std::shared_ptr<const Parts> parts_of(const AttentionLayout& layout, const at::Device& device) {
  auto parts = std::static_pointer_cast<const Parts>(layout.cache->of_device);
  if (!parts || parts->device != device) {
    parts = std::make_shared<const Parts>(layout, device);
    layout.cache->of_device = parts;
  }
  return parts;
}

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
  const auto parts = parts_of(layout, q.device());
  for (const auto& part : parts->all) {
    const auto result = at::_flash_attention_forward(
        part.q(q), part.kv(k), part.kv(v), part.q_starts, part.kv_starts, part.most_queries,
        part.most_keys, /*dropout_p=*/0, part.causal, /*return_debug_mask=*/false, scale_of(q));
    part.add_q(output, std::get<0>(result));
    part.add_q(log_sum.t(), std::get<1>(result).t());
  }
  return {output, log_sum};
}

void flash_backward(const AttentionGrad& grad, const AttentionLayout& layout) {
  const auto no_dropout = at::empty({2}, grad.q.options().dtype(at::kUInt64));
  const auto parts = parts_of(layout, grad.q.device());
  for (const auto& part : parts->all) {
    const auto sums = part.q(grad.log_sum.t()).t().contiguous();
    const auto [dq, dk, dv] = at::_flash_attention_backward(
        part.q(grad.doutput), part.q(grad.q), part.kv(grad.k), part.kv(grad.v), part.q(grad.output),
        sums, part.q_starts, part.kv_starts, part.most_queries, part.most_keys, /*dropout_p=*/0,
        part.causal, no_dropout, no_dropout, scale_of(grad.q));
    part.add_q(grad.dq, dq);
    part.add_kv(grad.dk, dk);
    part.add_kv(grad.dv, dv);
  }
}

// Scores of a block of queries, for all heads: 256 MB in fp32.
constexpr int64_t kMostScores = 64 << 20;

/// Some queries of a document and the keys that any of them sees, by the plain formula in the
/// precision of sums. Query heads of one key head stand as further queries, G key heads, n queries,
/// H / G of them: [n, H, K] -> [G, (H / G) n, K], and keys are [G, keys, K].
struct Block {
  int64_t first_query = 0, queries = 0;
  int64_t first_key = 0, keys = 0;
  int64_t causal = 0;  // keys that the first query sees; each further one sees one more
  int64_t prefix = 0;  // keys that all see

  Tensor q_rows(const Tensor& x) const { return x.narrow(0, first_query, queries); }
  Tensor kv_rows(const Tensor& x) const { return x.narrow(0, first_key, keys); }

  Tensor q(const Tensor& x, int64_t G) const {
    const auto grouped = q_rows(x).unflatten(1, {G, x.size(1) / G}).permute({1, 2, 0, 3});
    return grouped.to(at::toOpMathType(x.scalar_type())).reshape({G, -1, x.size(2)});
  }
  Tensor kv(const Tensor& x) const {
    return kv_rows(x).transpose(0, 1).to(at::toOpMathType(x.scalar_type()));
  }
  void set_q(const Tensor& rows, const Tensor& x) const {
    const auto grouped = x.view({x.size(0), -1, queries, x.size(2)}).permute({2, 0, 1, 3});
    q_rows(rows).copy_(grouped.flatten(1, 2));
  }

  // softmax(q k^T scale), 0 where not seen: [G, (H / G) n, keys]
  Tensor weights(const Tensor& q, const Tensor& k) const {
    const auto wide = this->q(q, k.size(1));
    auto scores = wide.matmul(kv(k).transpose(1, 2)).mul_(scale_of(q));
    if (std::max(causal, prefix) >= keys) return scores.softmax(-1);
    const auto integers = q.options().dtype(at::kLong);
    const auto seen = (at::arange(queries, integers) + causal).clamp_min(prefix);
    const auto hidden = at::arange(keys, integers).unsqueeze(0) >= seen.unsqueeze(1);  // [n, keys]
    scores = scores.view({scores.size(0), -1, queries, keys});
    scores.masked_fill_(hidden, -std::numeric_limits<double>::infinity());
    return scores.softmax(-1).masked_fill_(hidden, 0).flatten(1, 2);
  }
};

std::vector<Block> blocks_of(const AttentionLayout& layout, int64_t heads) {
  std::vector<Block> blocks;
  for (int64_t d = 0; d < layout.documents(); ++d) {
    const auto n = layout.queries(d);
    const auto keys = layout.keys(d);
    const auto step = std::max<int64_t>(1, kMostScores / std::max<int64_t>(1, heads * keys));
    for (int64_t begin = 0; begin < n; begin += step) {
      const auto count = std::min(step, n - begin);
      const auto causal = begin + 1 + keys - n;
      const auto seen = std::max(causal + count - 1, layout.prefixes[d]);
      if (keys == 0 || seen <= 0) continue;  // these queries get zeros
      blocks.push_back({.first_query = layout.q_starts[d] + begin,
                        .queries = count,
                        .first_key = layout.kv_starts[d],
                        .keys = std::min(seen, keys),
                        .causal = causal,
                        .prefix = layout.prefixes[d]});
    }
  }
  return blocks;
}

Pair plain(const Tensor& q, const Tensor& k, const Tensor& v, const AttentionLayout& layout) {
  auto output = at::zeros(q.sizes(), q.options());
  for (const auto& block : blocks_of(layout, q.size(1))) {
    block.set_q(output, block.weights(q, k).matmul(block.kv(v)));
  }
  return {output, at::empty({0}, q.options())};  // the backward computes the weights anew
}

void plain_backward(const AttentionGrad& grad, const AttentionLayout& layout) {
  const auto G = grad.k.size(1);
  const auto sums = grad.k.options().dtype(at::toOpMathType(grad.k.scalar_type()));
  const auto dk = at::zeros(grad.k.sizes(), sums);
  const auto dv = at::zeros(grad.v.sizes(), sums);
  for (const auto& block : blocks_of(layout, grad.q.size(1))) {
    const auto p = block.weights(grad.q, grad.k);
    const auto dy = block.q(grad.doutput, G);
    const auto along = (dy * block.q(grad.output, G)).sum(-1, true);
    auto ds = dy.matmul(block.kv(grad.v).transpose(1, 2));
    ds.sub_(along).mul_(p).mul_(scale_of(grad.q));
    block.set_q(grad.dq, ds.matmul(block.kv(grad.k)));
    block.kv_rows(dk).add_(ds.transpose(1, 2).matmul(block.q(grad.q, G)).transpose(0, 1));
    block.kv_rows(dv).add_(p.transpose(1, 2).matmul(dy).transpose(0, 1));
  }
  grad.dk.copy_(dk);
  grad.dv.copy_(dv);
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
