#include "reka/ops/recompute.h"
#include "tests/support/testing.h"

using namespace reka;

TEST_CASE("recompute: gradients of inputs and captured tensors are those of a plain call",
          "[ops][recompute]") {
  const auto weight = torch::randn({4, 4}).requires_grad_();
  int runs = 0;
  const auto function = [&](const torch::Tensor& x) {
    ++runs;
    return torch::tanh(x.mm(weight)).mm(weight);
  };
  const auto x = torch::randn({3, 4}).requires_grad_();
  function(x).square().sum().backward();
  const auto want_x = x.grad().clone();
  const auto want_weight = weight.grad().clone();
  x.mutable_grad().reset();
  weight.mutable_grad().reset();
  runs = 0;
  ops::recompute(function, x).square().sum().backward();
  CHECK(runs == 2);
  CHECK(torch::equal(x.grad(), want_x));
  CHECK(torch::equal(weight.grad(), want_weight));
}

TEST_CASE("recompute: hooks see each gradient once, also behind a frozen input",
          "[ops][recompute]") {
  const auto weight = torch::ones({2}).requires_grad_();
  int calls = 0;
  weight.register_hook([&](const torch::Tensor& grad) {
    ++calls;
    return grad * 10;
  });
  const auto x = torch::full({2}, 3.0);
  const auto y = ops::recompute([&](const torch::Tensor& in) { return in * weight; }, x);
  REQUIRE(y.requires_grad());
  y.sum().backward();
  CHECK(calls == 1);
  CHECK(torch::equal(weight.grad(), torch::full({2}, 30.0)));
}

TEST_CASE("recompute: nests, and without gradients it is a plain call", "[ops][recompute]") {
  const auto weight = torch::full({1}, 2.0).requires_grad_();
  const auto inner = [&](const torch::Tensor& x) { return x * weight; };
  const auto outer = [&](const torch::Tensor& x) { return ops::recompute(inner, x) * weight; };
  const auto x = torch::full({1}, 5.0).requires_grad_();
  ops::recompute(outer, x).sum().backward();
  CHECK(x.grad().item<float>() == 4);
  CHECK(weight.grad().item<float>() == 20);
  const torch::NoGradGuard no_grad;
  CHECK_FALSE(ops::recompute(outer, x).requires_grad());
}
