#include "reka/generate/sampler.h"

#include <cmath>
#include <limits>

#include "tests/support/testing.h"

using reka::Sampler;
using reka::SamplingConfig;

namespace {

std::vector<double> shares(const SamplingConfig& config, const torch::Tensor& logits,
                           int64_t vocab) {
  Sampler sampler(config);
  constexpr int kDraws = 20000;
  std::vector<double> counts(static_cast<size_t>(vocab));
  for (int i = 0; i < kDraws; ++i) counts[static_cast<size_t>(sampler.draw(logits, vocab))] += 1;
  for (auto& count : counts) count /= kDraws;
  return counts;
}

}  // namespace

TEST_CASE("sampler: draws follow softmax(logits / temperature)", "[generate][sampler]") {
  const auto logits = torch::tensor({1.0, 2.0, 0.0, -1.0});
  const auto want = torch::softmax(logits / 0.7, 0);
  const auto got = shares({.temperature = 0.7, .seed = 3}, logits, 4);
  for (int64_t i = 0; i < 4; ++i) {
    CHECK(got[static_cast<size_t>(i)] == Approx(want[i].item<double>()).margin(0.015));
  }
}

TEST_CASE("sampler: top-k and top-p leave out the unlikely tokens", "[generate][sampler]") {
  const auto logits = torch::log(torch::tensor({0.5, 0.3, 0.15, 0.05}));
  const auto two = shares({.temperature = 1, .top_k = 2}, logits, 4);
  CHECK(two[0] == Approx(0.625).margin(0.015));
  CHECK(two[2] + two[3] == 0);
  const auto most = shares({.temperature = 1, .top_p = 0.79}, logits, 4);
  CHECK(most[1] == Approx(0.375).margin(0.015));
  CHECK(most[2] + most[3] == 0);
  const auto one = shares({.temperature = 1, .top_p = 0.01}, logits, 4);
  CHECK(one[0] == 1);
}

TEST_CASE("sampler: temperature 0 takes the first of the likeliest, below the vocabulary",
          "[generate][sampler]") {
  Sampler sampler({});
  CHECK(sampler.draw(torch::tensor({0.0, 2.0, 2.0, 9.0}), 3) == 1);
  CHECK(sampler.draw(torch::tensor({0.0, 2.0, 2.0, 9.0}).to(torch::kBFloat16), 4) == 3);
}

TEST_CASE("sampler: a seed draws the same again, another seed otherwise", "[generate][sampler]") {
  const auto logits = torch::zeros({50});
  const auto draw = [&](int64_t seed) {
    Sampler sampler({.temperature = 1, .seed = seed});
    std::vector<int64_t> ids;
    for (int i = 0; i < 20; ++i) ids.push_back(sampler.draw(logits, 50));
    return ids;
  };
  CHECK(draw(1) == draw(1));
  CHECK(draw(1) != draw(2));
}

TEST_CASE("sampler: logits that are not numbers are an error", "[generate][sampler]") {
  Sampler sampler({});
  auto logits = torch::zeros({4});
  logits[2] = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS(sampler.draw(logits, 4));
  logits[2] = std::numeric_limits<double>::infinity();
  CHECK_THROWS_WITH(sampler.draw(logits, 4),
                    Catch::Contains("logit of token 2 is inf: must be finite"));
  logits[2] = -std::numeric_limits<double>::infinity();
  CHECK(sampler.draw(logits, 4) == 0);
  Sampler warm({.temperature = 1});
  CHECK(warm.draw(logits.narrow(0, 2, 2), 2) == 1);
  CHECK_THROWS_WITH(warm.draw(logits.narrow(0, 2, 1), 1), Catch::Contains("every logit is -inf"));
  CHECK_THROWS(sampler.draw(torch::zeros({4}), 5));
  CHECK_THROWS(sampler.draw(torch::zeros({4}), 0));
}
