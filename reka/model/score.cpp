#include "reka/model/score.h"

#include <cmath>
#include <limits>

#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>

#include "reka/base/error.h"
#include "reka/ops/cross_entropy.h"

namespace reka {

at::Tensor token_log_probabilities(Model& model, const Input& input) {
  const at::NoGradGuard no_grad;
  const auto T = input.sequence.tokens();
  const auto hidden = model->forward(input);
  const auto weights = at::ones({T}, hidden.options().dtype(at::kFloat));
  const auto losses =
      ops::linear_cross_entropy(hidden, model->head_weight(), input.tokens.roll(-1), weights)
          .losses;
  auto result = losses.to(at::kCPU, at::kFloat).neg().roll(1);
  for (int64_t d = 0; d < input.sequence.documents(); ++d) {
    const auto first = input.sequence.starts[d];
    if (first < T) result[first] = std::numeric_limits<float>::quiet_NaN();
  }
  return result;
}

void expect_finite(double log_probability) {
  if (std::isfinite(log_probability)) return;
  throw Error(
      fmt::format("the model's log-probability of a token is {}: must be finite: its weights are "
                  "damaged or diverged",
                  log_probability));
}

}  // namespace reka
