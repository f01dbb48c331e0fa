// The operations that work row by row: rms_norm, swiglu, rope, embedding.
#include "reka/ops/embedding.h"
#include "reka/ops/rms_norm.h"
#include "reka/ops/rope.h"
#include "reka/ops/swiglu.h"
#include "tests/support/testing.h"

namespace {

using namespace reka;
using reka::testing::check_close;
using reka::testing::check_gradient;
using torch::Tensor;
using Function = std::function<Tensor(const std::vector<Tensor>&)>;

/// Compares values and gradients of `op` at `in` with those of the plain formula at `wide`.
void check_against(const Function& op, const Function& plain, std::vector<Tensor> in,
                   std::vector<Tensor> wide, double tolerance) {
  for (auto* inputs : {&in, &wide}) {
    for (auto& x : *inputs) x = x.detach().requires_grad_();
  }
  const auto got = op(in);
  const auto want = plain(wide);
  CHECK(got.scalar_type() == in[0].scalar_type());
  check_close(got, want, tolerance);
  const auto weight = torch::randn_like(got);
  const auto got_grad = torch::autograd::grad({(got * weight).sum()}, in);
  const auto want_grad =
      torch::autograd::grad({(want * weight.to(want.scalar_type())).sum()}, wide);
  for (size_t i = 0; i < in.size(); ++i) check_close(got_grad[i], want_grad[i], tolerance);
}

Tensor plain_rms_norm(const std::vector<Tensor>& in) {
  return in[0] / (in[0].square().mean(-1, true) + 1e-5).sqrt() * in[1];
}

Tensor plain_swiglu(const std::vector<Tensor>& in) {
  const auto halves = in[0].chunk(2, -1);
  return halves[0] * torch::sigmoid(halves[0]) * halves[1];
}

ops::RopeAngles angles_of(int64_t tokens, int64_t head_dim) {
  return ops::RopeTable(head_dim, 100).gather(torch::arange(tokens), tokens);
}

// Pairs as complex numbers, turned by multiplication.
Tensor plain_rope(const Tensor& x, const ops::RopeAngles& angles, int64_t rotated) {
  const auto halves = x.narrow(1, 0, rotated).chunk(2, -1);
  const auto dtype = x.scalar_type();
  const auto turn = torch::complex(angles.cosine.to(dtype), angles.sine.to(dtype)).unsqueeze(1);
  const auto turned = torch::complex(halves[0], halves[1]) * turn;
  return torch::cat({torch::cat({torch::real(turned), torch::imag(turned)}, -1),
                     x.narrow(1, rotated, x.size(1) - rotated)},
                    1);
}

}  // namespace

TEST_CASE("rms_norm: values and gradients meet the plain formula", "[ops][rms_norm]") {
  const auto op = [](const auto& in) { return ops::rms_norm(in[0], in[1], 1e-5); };
  for (const int64_t dim : {1, 7, 64, 257}) {
    for (const int64_t rows : {1, 3, 200}) {
      const auto x = torch::randn({rows, dim}) * 3;
      const auto weight = torch::randn({dim});
      check_against(op, plain_rms_norm, {x, weight}, {x, weight}, 1e-4);
      const auto half = x.to(torch::kBFloat16);
      check_against(op, plain_rms_norm, {half, weight}, {half.to(torch::kFloat), weight}, 2e-2);
    }
  }
  check_gradient(op, {torch::randn({3, 5}), torch::randn({5})});
}

TEST_CASE("rms_norm: leading axes stay, no rows give no rows, wrong sizes are named",
          "[ops][rms_norm]") {
  const auto weight = torch::ones({6});
  CHECK(ops::rms_norm(torch::randn({2, 3, 6}), weight, 1e-5).sizes() == at::IntArrayRef({2, 3, 6}));
  CHECK(ops::rms_norm(torch::randn({0, 6}), weight, 1e-5).sizes() == at::IntArrayRef({0, 6}));
  CHECK_THROWS_WITH(ops::rms_norm(torch::randn({2, 5}), weight, 1e-5),
                    Catch::Contains("rms_norm: x is [2, 5], weight is [6]"));
  CHECK_THROWS_WITH(ops::rms_norm(torch::randn({2, 6}), weight.to(torch::kBFloat16), 1e-5),
                    Catch::Contains("must be the dtype of sums"));
}

TEST_CASE("swiglu: values and gradients meet the plain formula", "[ops][swiglu]") {
  const auto op = [](const auto& in) { return ops::swiglu(in[0]); };
  for (const int64_t hidden : {1, 5, 64, 129}) {
    const auto x = torch::randn({33, 2 * hidden}) * 4;
    check_against(op, plain_swiglu, {x}, {x}, 1e-5);
    const auto half = x.to(torch::kBFloat16);
    check_against(op, plain_swiglu, {half}, {half.to(torch::kFloat)}, 1e-2);
  }
  check_gradient(op, {torch::randn({3, 8})});
  CHECK_THROWS_WITH(ops::swiglu(torch::randn({2, 5})), Catch::Contains("must be even"));
}

TEST_CASE("swiglu: gates far from zero neither overflow nor lose a NaN", "[ops][swiglu]") {
  const auto x = torch::tensor({-1e4F, -90.0F, 90.0F, 1e4F, NAN, 1.0F, 1.0F, 1.0F, 1.0F, 1.0F});
  const auto y = ops::swiglu(x.unsqueeze(0))[0];
  check_close(y.narrow(0, 0, 4), torch::tensor({0.0F, 0.0F, 90.0F, 1e4F}), 1e-6);
  CHECK(std::isnan(y[4].item<float>()));
  CHECK(std::isnan(ops::swiglu(x.unsqueeze(0).to(torch::kBFloat16))[0][4].item<float>()));
}

TEST_CASE("rope: values and gradients meet complex multiplication", "[ops][rope]") {
  for (const int64_t head_dim : {2, 40, 96}) {
    const auto x = torch::randn({70, 5, head_dim});
    const auto angles = angles_of(70, head_dim);
    for (const int64_t rotated : {0, 3, 5}) {
      const auto op = [&](const auto& in) { return ops::rope(in[0], angles, rotated); };
      const auto plain = [&](const auto& in) { return plain_rope(in[0], angles, rotated); };
      check_against(op, plain, {x}, {x}, 1e-5);
      const auto half = x.to(torch::kBFloat16);
      check_against(op, plain, {half}, {half.to(torch::kFloat)}, 1e-2);
    }
  }
  check_gradient([](const auto& in) { return ops::rope(in[0], angles_of(3, 4)); },
                 {torch::randn({3, 2, 4})});
  CHECK_THROWS_WITH(ops::rope(torch::randn({3, 2, 4}), angles_of(3, 6)),
                    Catch::Contains("rope: x is [3, 2, 4], cosine is [3, 3]"));
}

TEST_CASE("rope: angles follow the formula, scaling and any position", "[ops][rope]") {
  ops::RopeTable table(8, 10000, 4);
  const auto positions = torch::tensor({0, 5, 900}, torch::kLong);
  table.gather(positions.narrow(0, 0, 2), 6);
  const auto angles = table.gather(positions, 901);
  for (int64_t row = 0; row < 3; ++row) {
    for (int64_t i = 0; i < 4; ++i) {
      const auto angle = positions[row].item<double>() / 4 * std::pow(10000.0, -2.0 * i / 8);
      CHECK(angles.cosine[row][i].item<float>() == Approx(std::cos(angle)).margin(1e-6));
      CHECK(angles.sine[row][i].item<float>() == Approx(std::sin(angle)).margin(1e-6));
    }
  }
  CHECK_THROWS_WITH(ops::RopeTable(5, 10000), Catch::Contains("head_dim = 5: must be even"));
}

TEST_CASE("embedding: rows and summed gradients meet indexing", "[ops][embedding]") {
  const auto tokens = torch::tensor({4, 0, 4, 4, 2}, torch::kLong);
  const auto op = [&](const auto& in) { return ops::embedding(tokens, in[0]); };
  const auto plain = [&](const auto& in) { return in[0].index({tokens}); };
  const auto weight = torch::randn({6, 5});
  check_against(op, plain, {weight}, {weight}, 1e-6);
  const auto half = weight.to(torch::kBFloat16);
  check_against(op, plain, {half}, {half.to(torch::kFloat)}, 1e-2);
  check_gradient(op, {weight});
  CHECK(ops::embedding(tokens.narrow(0, 0, 0), weight).sizes() == at::IntArrayRef({0, 5}));
  CHECK_THROWS_WITH(ops::embedding(tokens.to(torch::kFloat), weight),
                    Catch::Contains("embedding: tokens is Float"));
}

TEST_CASE("embedding: many equal tokens are summed in fp32", "[ops][embedding]") {
  const auto weight = torch::zeros({2, 1}, torch::kBFloat16).requires_grad_();
  const auto tokens = torch::ones({1000}, torch::kLong);
  ops::embedding(tokens, weight).sum().backward();
  CHECK(weight.grad()[1].item<float>() == 1000);  // bfloat16 sums would stop at 256
}

TEST_CASE("gather_rows: reads rows, zeros for -1, and adds the gradients up", "[ops][embedding]") {
  const auto x = torch::randn({3, 2}).requires_grad_();
  const auto y = ops::gather_rows(x, {2, -1, 2, 0});
  check_close(y, torch::stack({x[2], torch::zeros(2), x[2], x[0]}));
  y.sum().backward();
  check_close(x.grad(), torch::tensor({{1., 1.}, {0., 0.}, {2., 2.}}, torch::kFloat));
}
