#pragma once

#include <algorithm>
#include <cmath>

#include "reka/ops/layout.h"
#include "tests/support/testing.h"

namespace reka::testing {

struct AttentionCase {
  int64_t heads, kv_heads, head_dim;
  ops::AttentionLayout layout;

  std::vector<torch::Tensor> inputs(at::ScalarType dtype = at::kFloat) const {
    torch::manual_seed(0);
    const auto queries = layout.q_starts.back();
    const auto keys = layout.kv_starts.back();
    const auto options = torch::TensorOptions(dtype);
    return {torch::randn({queries, heads, head_dim}, options),
            torch::randn({keys, kv_heads, head_dim}, options),
            torch::randn({keys, kv_heads, head_dim}, options)};
  }
};

inline ops::AttentionLayout self_layout(std::vector<int64_t> starts,
                                        std::vector<int64_t> prefixes) {
  return {.q_starts = starts, .kv_starts = starts, .prefixes = std::move(prefixes)};
}

// Softmax over all pairs of the row with everything but the visible keys masked out.
inline torch::Tensor plain_attention(const torch::Tensor& q, const torch::Tensor& k,
                                     const torch::Tensor& v, const ops::AttentionLayout& layout) {
  auto seen = torch::zeros({q.size(0), k.size(0)}, torch::kBool);
  for (int64_t d = 0; d < layout.documents(); ++d) {
    const auto n = layout.queries(d);
    const auto keys = layout.keys(d);
    for (int64_t i = 0; i < n; ++i) {
      const auto limit =
          std::clamp<int64_t>(std::max(i + 1 + keys - n, layout.prefixes[d]), 0, keys);
      seen[layout.q_starts[d] + i].narrow(0, layout.kv_starts[d], limit).fill_(true);
    }
  }
  const auto group = q.size(1) / k.size(1);
  const auto by_head = [](const torch::Tensor& x) { return x.transpose(0, 1); };
  const auto kh = by_head(k).repeat_interleave(group, 0);
  const auto vh = by_head(v).repeat_interleave(group, 0);
  const auto scores = by_head(q).matmul(kh.transpose(1, 2)) / std::sqrt(double(q.size(2)));
  const auto weights = torch::where(seen, scores, torch::full_like(scores, -1e30)).softmax(-1);
  return by_head(torch::where(seen, weights, torch::zeros_like(weights)).matmul(vh));
}

inline const std::vector<AttentionCase>& attention_cases() {
  static const std::vector<AttentionCase> all = {
      {4, 2, 64, self_layout({0, 25}, {0})},
      {4, 2, 64, self_layout({0, 300, 301, 301, 420, 431}, {0, 0, 0, 50, 11})},
      {6, 2, 40, self_layout({0, 70, 140}, {0, 7})},
      {3, 3, 80, self_layout({0, 33}, {33})},
      {8, 1, 96, self_layout({0, 40, 300}, {0, 260})},
      {2, 1, 128, self_layout({0, 700}, {0})},
      {5, 1, 192, self_layout({0, 9, 100}, {9, 0})},
      {2, 2, 7, self_layout({0, 12}, {3})},
      {4, 2, 16, {{0, 5, 30, 30}, {0, 400, 400, 410}, {400, 0, 10}}},  // cross attention
      {4, 2, 16, {{0, 40}, {0, 300}, {0}}},                            // with a cache
      {4, 2, 16, {{0, 1}, {0, 300}, {0}}},                             // one new token
      {4, 2, 16, {{0, 20}, {0, 5}, {0}}},                              // the first see nothing
  };
  return all;
}

}  // namespace reka::testing
