#include "reka/ops/attention.h"
#include "tests/model/attention_cases.h"

namespace {

using namespace reka;
using namespace reka::testing;

}  // namespace

TEST_CASE("attention: values and gradients meet the plain formula", "[ops][attention]") {
  const auto& item = attention_cases()[GENERATE(range(size_t{0}, size_t{12}))];
  auto got_in = item.inputs();
  auto want_in = item.inputs();
  for (auto& x : got_in) x.requires_grad_();
  for (auto& x : want_in) x.requires_grad_();
  const auto got = ops::attention(got_in[0], got_in[1], got_in[2], item.layout);
  const auto want = plain_attention(want_in[0], want_in[1], want_in[2], item.layout);
  INFO("heads of " << item.head_dim);
  check_close(got, want, 1e-5);
  const auto weight = torch::randn_like(want);
  const auto got_grad = torch::autograd::grad({(got * weight).sum()}, got_in);
  const auto want_grad = torch::autograd::grad({(want * weight).sum()}, want_in);
  for (size_t i = 0; i < 3; ++i) check_close(got_grad[i], want_grad[i], 2e-5);
}

TEST_CASE("attention: bfloat16 is as near as its digits allow", "[ops][attention]") {
  const auto& item = attention_cases()[GENERATE(range(size_t{0}, size_t{12}))];
  auto got_in = item.inputs(at::kBFloat16);
  auto want_in = item.inputs(at::kBFloat16);
  for (auto& x : want_in) x = x.to(torch::kFloat).requires_grad_();
  for (auto& x : got_in) x.requires_grad_();
  const auto got = ops::attention(got_in[0], got_in[1], got_in[2], item.layout);
  const auto want = plain_attention(want_in[0], want_in[1], want_in[2], item.layout);
  INFO("heads of " << item.head_dim);
  check_close(got, want, 1e-2);
  const auto weight = torch::randn_like(want).to(torch::kBFloat16);
  const auto got_grad = torch::autograd::grad({(got * weight).sum()}, got_in);
  const auto want_grad = torch::autograd::grad({(want * weight.to(torch::kFloat)).sum()}, want_in);
  for (size_t i = 0; i < 3; ++i) check_close(got_grad[i], want_grad[i], 4e-2);
}

TEST_CASE("attention: gradients match finite differences", "[ops][attention]") {
  const AttentionCase item{2, 1, 6, {{0, 3, 4, 8}, {0, 3, 5, 9}, {0, 1, 3}}};
  check_gradient([&](const auto& in) { return ops::attention(in[0], in[1], in[2], item.layout); },
                 item.inputs());
}

TEST_CASE("self_attention: one matrix gives what three give", "[ops][attention]") {
  const auto layout = self_layout({0, 37, 60}, {0, 5});
  auto in = AttentionCase{4, 2, 24, layout}.inputs(at::kBFloat16);
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
  const auto& item = attention_cases()[1];
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
  CHECK_THROWS_WITH(ops::attention(x, x, x, self_layout({0, 4}, {0})),
                    Catch::Contains("must be 2 ascending values from 0 to 5"));
  CHECK_THROWS_WITH(ops::attention(x, x.narrow(2, 0, 4), x, self_layout({0, 5}, {0})),
                    Catch::Contains("attention: q is [5, 2, 8], k is [5, 2, 4]"));
}
