#include "reka/model/score.h"

#include <ATen/ops/log_softmax.h>

#include "reka/base/error.h"
#include "tests/model/rows.h"

namespace {

using namespace reka;
using namespace reka::testing;

}  // namespace

TEST_CASE("score: a model that is damaged is an error, not a number", "[model][score]") {
  CHECK_NOTHROW(expect_finite(-3));
  CHECK_THROWS_AS(expect_finite(std::nan("")), Error);
  CHECK_THROWS_AS(expect_finite(-std::numeric_limits<double>::infinity()), Error);
}

TEST_CASE("score: each token has the log-probability of a softmax over what precedes it",
          "[model][score]") {
  const torch::NoGradGuard no_grad;
  const auto config = small_model(ResamplerConfig{.width = 24, .num_heads = 2, .hidden = 32});
  auto model = make_model(config);
  const auto row = make_row(config, {{text(7)}, {picture(16, 16), text(5)}, {text(1)}});
  const auto scores = token_log_probabilities(model, row);
  const auto p = torch::log_softmax(model->logits(model->forward(row)), 1);
  for (int64_t t = 0; t < row.sequence.tokens(); ++t) {
    const auto& starts = row.sequence.starts;
    if (std::find(starts.begin(), starts.end(), t) != starts.end()) {
      CHECK(std::isnan(scores[t].item<float>()));
    } else {
      const auto wanted = p[t - 1][row.tokens[t].item<int64_t>()].item<float>();
      CHECK(scores[t].item<float>() == Approx(wanted).margin(1e-5));
    }
  }
}
