#include <cmath>

#include "reka/ops/attention.h"
#include "tests/support/testing.h"

namespace {

using namespace reka;
using ops::AttentionLayout;
using reka::testing::check_close;
using reka::testing::check_gradient;

struct Case {
  int64_t heads, kv_heads, head_dim;
  AttentionLayout layout;

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

AttentionLayout self(std::vector<int64_t> starts, std::vector<int64_t> prefixes) {
  return {.q_starts = starts, .kv_starts = starts, .prefixes = std::move(prefixes)};
}

// Softmax over all pairs of the row with everything but the visible keys masked out.
torch::Tensor plain(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v,
                    const AttentionLayout& layout) {
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

const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      {4, 2, 64, self({0, 25}, {0})},
      {4, 2, 64, self({0, 300, 301, 301, 420, 431}, {0, 0, 0, 50, 11})},
      {6, 2, 40, self({0, 70, 140}, {0, 7})},
      {3, 3, 80, self({0, 33}, {33})},
      {8, 1, 96, self({0, 40, 300}, {0, 260})},
      {2, 1, 128, self({0, 700}, {0})},
      {5, 1, 192, self({0, 9, 100}, {9, 0})},
      {2, 2, 7, self({0, 12}, {3})},
      {4, 2, 16, {{0, 5, 30, 30}, {0, 400, 400, 410}, {400, 0, 10}}},  // cross attention
      {4, 2, 16, {{0, 40}, {0, 300}, {0}}},                            // with a cache
      {4, 2, 16, {{0, 1}, {0, 300}, {0}}},                             // one new token
      {4, 2, 16, {{0, 20}, {0, 5}, {0}}},                              // the first see nothing
  };
  return all;
}

}  // namespace

TEST_CASE("attention: values and gradients meet the plain formula", "[ops][attention]") {
  const auto& item = cases()[GENERATE(range(size_t{0}, size_t{12}))];
  auto got_in = item.inputs();
  auto want_in = item.inputs();
  for (auto& x : got_in) x.requires_grad_();
  for (auto& x : want_in) x.requires_grad_();
  const auto got = ops::attention(got_in[0], got_in[1], got_in[2], item.layout);
  const auto want = plain(want_in[0], want_in[1], want_in[2], item.layout);
  INFO("heads of " << item.head_dim);
  check_close(got, want, 1e-5);
  const auto weight = torch::randn_like(want);
  const auto got_grad = torch::autograd::grad({(got * weight).sum()}, got_in);
  const auto want_grad = torch::autograd::grad({(want * weight).sum()}, want_in);
  for (size_t i = 0; i < 3; ++i) check_close(got_grad[i], want_grad[i], 2e-5);
}

TEST_CASE("attention: bfloat16 is as near as its digits allow", "[ops][attention]") {
  const auto& item = cases()[GENERATE(range(size_t{0}, size_t{12}))];
  auto got_in = item.inputs(at::kBFloat16);
  auto want_in = item.inputs(at::kBFloat16);
  for (auto& x : want_in) x = x.to(torch::kFloat).requires_grad_();
  for (auto& x : got_in) x.requires_grad_();
  const auto got = ops::attention(got_in[0], got_in[1], got_in[2], item.layout);
  const auto want = plain(want_in[0], want_in[1], want_in[2], item.layout);
  INFO("heads of " << item.head_dim);
  check_close(got, want, 1e-2);
  const auto weight = torch::randn_like(want).to(torch::kBFloat16);
  const auto got_grad = torch::autograd::grad({(got * weight).sum()}, got_in);
  const auto want_grad = torch::autograd::grad({(want * weight.to(torch::kFloat)).sum()}, want_in);
  for (size_t i = 0; i < 3; ++i) check_close(got_grad[i], want_grad[i], 4e-2);
}

TEST_CASE("attention: gradients match finite differences", "[ops][attention]") {
  const Case item{2, 1, 6, {{0, 3, 4, 8}, {0, 3, 5, 9}, {0, 1, 3}}};
  check_gradient([&](const auto& in) { return ops::attention(in[0], in[1], in[2], item.layout); },
                 item.inputs());
}

TEST_CASE("self_attention: one matrix gives what three give", "[ops][attention]") {
  const auto layout = self({0, 37, 60}, {0, 5});
  auto in = Case{4, 2, 24, layout}.inputs(at::kBFloat16);
  auto qkv = torch::cat(in, 1).requires_grad_();
  for (auto& x : in) x.requires_grad_();
  const auto apart = ops::attention(in[0], in[1], in[2], layout);
  const auto together = ops::self_attention(qkv, 4, layout);
  CHECK(torch::equal(together, apart));
  const auto weight = torch::randn_like(apart);
  const auto want = torch::autograd::grad({(apart * weight).sum()}, in);
  const auto got = torch::autograd::grad({(together * weight).sum()}, {qkv});
  CHECK(torch::equal(got[0], torch::cat(want, 1)));
}

TEST_CASE("attention: the number of threads does not change a bit", "[ops][attention]") {
  const auto& item = cases()[1];
  auto in = item.inputs(at::kBFloat16);
  for (auto& x : in) x.requires_grad_();
  const auto run = [&](int threads) {
    const auto before = at::get_num_threads();
    at::set_num_threads(threads);
    const auto y = ops::attention(in[0], in[1], in[2], item.layout);
    auto result = torch::autograd::grad({y.square().sum()}, in);
    at::set_num_threads(before);
    result.push_back(y);
    return result;
  };
  const auto one = run(1);
  const auto two = run(2);
  for (size_t i = 0; i < one.size(); ++i) CHECK(torch::equal(one[i], two[i]));
}

TEST_CASE("attention: a layout that does not fit is refused", "[ops][attention]") {
  const auto x = torch::randn({5, 2, 8});
  CHECK_THROWS_WITH(ops::attention(x, x, x, self({0, 4}, {0})),
                    Catch::Contains("must be 2 ascending values from 0 to 5"));
  CHECK_THROWS_WITH(ops::attention(x, x.narrow(2, 0, 4), x, self({0, 5}, {0})),
                    Catch::Contains("attention: q is [5, 2, 8], k is [5, 2, 4]"));
}
