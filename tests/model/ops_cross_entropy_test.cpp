#include "reka/ops/cross_entropy.h"
#include "tests/support/testing.h"

namespace {

using namespace reka;
using reka::testing::check_close;
using reka::testing::check_gradient;
using torch::Tensor;

struct Rows {
  Tensor targets, weight;
};

Rows rows_of(int64_t count, int64_t vocab) {
  torch::manual_seed(0);
  auto weight = torch::rand({count});
  weight.index_put_({torch::arange(0, count, 3)}, 0);
  return {torch::randint(vocab, {count}), weight};
}

Tensor plain(const Tensor& logits, const Rows& rows) {
  const auto log_sum = torch::logsumexp(logits, -1);
  const auto at_target = logits.gather(1, rows.targets.unsqueeze(1)).squeeze(1);
  return ((log_sum - at_target) * rows.weight).sum();
}

}  // namespace

TEST_CASE("linear_cross_entropy: equals the loss of the full logits", "[ops][cross_entropy]") {
  const auto precision = GENERATE(torch::kFloat, torch::kBFloat16);
  const auto tolerance = precision == torch::kFloat ? 1e-4 : 3e-2;
  // The last has several chunks.
  using Sizes = std::pair<int64_t, int64_t>;
  const auto [count, vocab] = GENERATE(Sizes(20, 2), Sizes(50, 97), Sizes(1300, 40000));
  const auto rows = rows_of(count, vocab);
  const auto hidden = torch::randn({count, 16}, precision).requires_grad_();
  const auto weight = torch::randn({vocab, 16}, precision).mul_(0.3).requires_grad_();
  const auto got = ops::linear_cross_entropy(hidden, weight, rows.targets, rows.weight);
  const auto wide_hidden = hidden.detach().to(torch::kFloat).requires_grad_();
  const auto wide_weight = weight.detach().to(torch::kFloat).requires_grad_();
  const auto want = plain(wide_hidden.mm(wide_weight.t()), rows);
  check_close(got.sum, want, tolerance);
  const auto got_grad = torch::autograd::grad({got.sum}, {hidden, weight});
  const auto want_grad = torch::autograd::grad({want}, {wide_hidden, wide_weight});
  for (size_t i = 0; i < 2; ++i) check_close(got_grad[i], want_grad[i], tolerance);
}

TEST_CASE("linear_cross_entropy: gradient matches finite differences", "[ops][cross_entropy]") {
  const auto rows = rows_of(7, 11);
  check_gradient(
      [&](const auto& in) {
        return ops::linear_cross_entropy(in[0], in[1], rows.targets, rows.weight).sum;
      },
      {torch::randn({7, 4}), torch::randn({11, 4})});
}

TEST_CASE("linear_cross_entropy: tokens of weight 0 have no loss and no gradient",
          "[ops][cross_entropy]") {
  const auto hidden = torch::randn({4, 3}).requires_grad_();
  const auto weight = torch::randn({5, 3}).requires_grad_();
  const auto targets = torch::tensor({1, 99, 2, -1}, torch::kLong);  // only seen ones must be valid
  const auto loss =
      ops::linear_cross_entropy(hidden, weight, targets, torch::tensor({1.0F, 0.0F, 0.5F, 0.0F}));
  loss.sum.backward();
  CHECK(loss.losses[1].item<float>() == 0);
  CHECK(hidden.grad()[1].abs().sum().item<float>() == 0);
  CHECK(hidden.grad()[2].abs().sum().item<float>() > 0);
  const auto none = ops::linear_cross_entropy(hidden, weight, targets, torch::zeros({4}));
  CHECK(none.sum.item<float>() == 0);
  CHECK(torch::autograd::grad({none.sum}, {weight})[0].abs().sum().item<float>() == 0);
}

TEST_CASE("linear_cross_entropy: without gradients it gives the same losses",
          "[ops][cross_entropy]") {
  const auto rows = rows_of(9, 13);
  const auto hidden = torch::randn({9, 4}).requires_grad_();
  const auto weight = torch::randn({13, 4});  // frozen
  const auto with = ops::linear_cross_entropy(hidden, weight, rows.targets, rows.weight);
  const torch::NoGradGuard no_grad;
  const auto without = ops::linear_cross_entropy(hidden, weight, rows.targets, rows.weight);
  CHECK(torch::equal(with.losses, without.losses));
  CHECK(torch::equal(with.sum, without.sum));
}

TEST_CASE("linear_cross_entropy: a target outside of the vocabulary is named",
          "[ops][cross_entropy]") {
  const auto hidden = torch::randn({1, 3});
  const auto weight = torch::randn({5, 3});
  const auto loss = [&](const Tensor& targets) {
    return ops::linear_cross_entropy(hidden, weight, targets,
                                     torch::ones_like(targets, torch::kFloat));
  };
  CHECK_THROWS_WITH(loss(torch::full({1}, 5, torch::kLong)),
                    Catch::Contains("cross_entropy: target 5: must be below 5"));
  CHECK_THROWS_WITH(loss(torch::zeros({2}, torch::kLong)),
                    Catch::Contains("cross_entropy: rows are [1, 3]"));
}
