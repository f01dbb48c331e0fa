#include "train/optimizer/adamw.h"

#include "tests/support/testing.h"
#include "train/optimizer/kernels.h"
#include "train/optimizer/parameters.h"

namespace {

using reka::train::AdamW;
using reka::train::AdamWConfig;
using reka::train::FlatParameters;
using reka::train::NamedParameter;

std::vector<NamedParameter> make_parameters(at::ScalarType dtype) {
  torch::manual_seed(1);
  return {{"matrix", torch::randn({7, 5}).to(dtype).requires_grad_()},
          {"vector", torch::randn({9}).requires_grad_()},
          {"frozen", torch::randn({3, 3})}};
}

/// The formula, written out in fp64 over one tensor.
struct PlainAdamW {
  AdamWConfig config;
  at::Tensor w, m, v;

  void step(const at::Tensor& gradient, int64_t t, bool decay) {
    const auto g = gradient.to(at::kDouble);
    m = config.beta1 * m + (1 - config.beta1) * g;
    v = config.beta2 * v + (1 - config.beta2) * g * g;
    const auto m_hat = m / (1 - std::pow(config.beta1, t));
    const auto v_hat = v / (1 - std::pow(config.beta2, t));
    w = w - config.lr * (decay ? config.weight_decay : 0) * w -
        config.lr * m_hat / (v_hat.sqrt() + config.eps);
  }
};

PlainAdamW plain(const AdamWConfig& config, const at::Tensor& leaf) {
  const auto w = leaf.detach().to(at::kDouble).clone();
  return {config, w, torch::zeros_like(w), torch::zeros_like(w)};
}

}  // namespace

TEST_CASE("adamw: five steps equal the formula, decay on matrices only", "[train][optimizer]") {
  const auto parameters = make_parameters(at::kFloat);
  const AdamWConfig config = {.lr = 0.01, .weight_decay = 0.1};
  auto matrix = plain(config, parameters[0].leaf);
  auto vector = plain(config, parameters[1].leaf);
  FlatParameters flat(parameters);
  AdamW optimizer(config, flat);
  for (int64_t t = 1; t <= 5; ++t) {
    ((parameters[0].leaf.sin() * 3).sum() + parameters[1].leaf.square().sum()).backward();
    matrix.step(3 * matrix.w.cos(), t, true);
    vector.step(2 * vector.w, t, false);
    optimizer.step(config.lr, 1.0);
  }
  reka::testing::check_close(parameters[0].leaf, matrix.w, 1e-6);
  reka::testing::check_close(parameters[1].leaf, vector.w, 1e-6);
  CHECK(optimizer.updates() == 5);
}

TEST_CASE("adamw: the gradient scale multiplies gradients and zero is left behind",
          "[train][optimizer]") {
  const auto parameters = make_parameters(at::kFloat);
  const AdamWConfig config = {.lr = 0.01, .eps = 0.5};
  auto vector = plain(config, parameters[1].leaf);
  FlatParameters flat(parameters);
  AdamW optimizer(config, flat);
  parameters[1].leaf.square().sum().backward();
  vector.step(2 * vector.w * 0.25, 1, false);
  optimizer.step(config.lr, 0.25);
  reka::testing::check_close(parameters[1].leaf, vector.w, 1e-6);
  CHECK(flat.gradient_norm() == 0);
}

TEST_CASE("parameters: bfloat16 gradients add up in fp32 and the copy follows the weight",
          "[train][optimizer]") {
  const auto parameters = make_parameters(at::kBFloat16);
  const auto& leaf = parameters[0].leaf;
  FlatParameters flat(parameters);
  auto wanted = torch::zeros({7, 5});
  for (int pass = 0; pass < 9; ++pass) {
    const auto factor = torch::randn({7, 5}).to(at::kBFloat16);
    (leaf * factor).sum().backward();
    wanted += factor.to(at::kFloat);
    CHECK_FALSE(leaf.grad().defined());
  }
  const auto& group = flat.groups()[0].copy.defined() ? flat.groups()[0] : flat.groups()[1];
  CHECK(torch::equal(group.view(group.gradient, group.slices[0]), wanted));
  AdamW optimizer({.lr = 0.01}, flat);
  optimizer.step(0.01, 1.0);
  CHECK(torch::equal(group.copy, group.weight.to(at::kBFloat16)));
  CHECK(leaf.const_data_ptr() == group.copy.const_data_ptr());
}

TEST_CASE("parameters: the norm is over all gradients; an unused parameter counts as zero",
          "[train][optimizer]") {
  const auto parameters = make_parameters(at::kBFloat16);
  FlatParameters flat(parameters);
  CHECK(flat.groups().size() == 2);
  CHECK(flat.elements() == 44);
  (parameters[0].leaf * 2).sum().backward();
  CHECK(flat.gradient_norm() == Approx(2 * std::sqrt(35.0)));
  parameters[1].leaf.sum().backward();
  CHECK(flat.gradient_norm() == Approx(std::sqrt(4 * 35.0 + 9)));
  flat.zero_gradients();
  CHECK(flat.gradient_norm() == 0);
}

TEST_CASE("parameters: a leaf under two names is kept once", "[train][optimizer]") {
  const auto shared = torch::ones({2, 2}).requires_grad_();
  const FlatParameters flat({{"embedding", shared}, {"head", shared}});
  CHECK(flat.elements() == 4);
  CHECK(flat.groups().front().slices.front().name == "embedding");
}

TEST_CASE("kernels: a sum of squares with a value that is not finite is not finite",
          "[train][optimizer]") {
  auto values = torch::full({10001}, 0.5F);
  CHECK(reka::train::kernels::sum_of_squares(values.const_data_ptr<float>(), 10001) ==
        Approx(10001 * 0.25));
  values[7000] = std::numeric_limits<float>::infinity();
  CHECK_FALSE(
      std::isfinite(reka::train::kernels::sum_of_squares(values.const_data_ptr<float>(), 10001)));
}
