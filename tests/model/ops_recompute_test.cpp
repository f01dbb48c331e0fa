#include "reka/ops/recompute.h"
#include "tests/support/testing.h"

using namespace reka;

TEST_CASE("recompute: gradients of inputs and captured tensors are those of a plain call",
          "[ops][recompute]") {
  const auto weight = torch::randn({4, 4}).requires_grad_();
  int runs = 0;
  const auto function = [&](const std::vector<torch::Tensor>& in) {
    ++runs;
    return torch::tanh(in[0].mm(weight)).mm(weight) * in[1];
  };
  const auto x = torch::randn({3, 4}).requires_grad_();
  const auto scale = torch::randn({3, 4}).requires_grad_();
  const std::vector<torch::Tensor> wanted = {x, scale, weight};
  const auto want = torch::autograd::grad({function({x, scale}).square().sum()}, wanted);
  runs = 0;
  ops::recompute(function, {x, scale}).square().sum().backward();
  CHECK(runs == 2);
  for (size_t i = 0; i < wanted.size(); ++i) CHECK(torch::equal(wanted[i].grad(), want[i]));
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
  const auto y = ops::recompute([&](const auto& in) { return in[0] * weight; }, {x});
  REQUIRE(y.requires_grad());
  y.sum().backward();
  CHECK(calls == 1);
  CHECK(torch::equal(weight.grad(), torch::full({2}, 30.0)));
}

TEST_CASE("recompute: nests, and without gradients it is a plain call", "[ops][recompute]") {
  const auto weight = torch::full({1}, 2.0).requires_grad_();
  const auto inner = [&](const std::vector<torch::Tensor>& in) { return in[0] * weight; };
  const auto outer = [&](const std::vector<torch::Tensor>& in) {
    return ops::recompute(inner, in) * weight;
  };
  const auto x = torch::full({1}, 5.0).requires_grad_();
  ops::recompute(outer, {x}).sum().backward();
  CHECK(x.grad().item<float>() == 4);
  CHECK(weight.grad().item<float>() == 20);
  const torch::NoGradGuard no_grad;
  CHECK_FALSE(ops::recompute(outer, {x}).requires_grad());
}
