#include "train/optimizer/schedule.h"

#include "tests/support/testing.h"

namespace {

using namespace reka::train;

double at_step(const ScheduleConfig& config, int64_t steps, int64_t horizon = 100) {
  return learning_rate_share(config, {.steps = steps, .tokens = steps * 10, .step_tokens = 10},
                             horizon);
}

}  // namespace

TEST_CASE("schedule: warm-up ends at the highest rate and starts above zero", "[train][schedule]") {
  ConstantConfig config;
  config.warmup = 10;
  CHECK(at_step(config, 0) == Approx(0.1));
  CHECK(at_step(config, 4) == Approx(0.5));
  CHECK(at_step(config, 9) == 1);
  CHECK(at_step(config, 5000) == 1);
}

TEST_CASE("schedule: wsd is flat, then linear to its floor at the horizon", "[train][schedule]") {
  WsdConfig config;
  config.decay = 40;
  config.floor = 0.2;
  CHECK(at_step(config, 60) == 1);
  CHECK(at_step(config, 80) == Approx(0.6));
  CHECK(at_step(config, 100) == Approx(0.2));
  CHECK(at_step(config, 400) == Approx(0.2));
  config.horizon = 200;
  CHECK(at_step(config, 100) == 1);
  config.decay.reset();  // a fifth of the horizon
  CHECK(at_step(config, 180) == Approx(0.6));
}

TEST_CASE("schedule: cosine is half way down at half of the length", "[train][schedule]") {
  CosineConfig config;
  config.floor = 0.1;
  config.warmup = 20;
  CHECK(at_step(config, 20) == 1);
  CHECK(at_step(config, 60) == Approx(0.55));
  CHECK(at_step(config, 100) == Approx(0.1));
}

TEST_CASE("schedule: tokens and steps give the same rates for equal lengths", "[train][schedule]") {
  WsdConfig steps;
  steps.warmup = 7;
  steps.decay = 30;
  auto tokens = steps;
  tokens.unit.value = "tokens";
  tokens.warmup *= 10;
  tokens.decay = 300;
  for (const int64_t step : {0, 3, 7, 50, 71, 99, 100, 120}) {
    CHECK(at_step(steps, step, 100) == Approx(at_step(tokens, step, 1000)));
  }
}

TEST_CASE("schedule: a run that warm-up and decay outlast is noticed", "[train][schedule]") {
  ScheduleConfig config;
  config.emplace<WsdConfig>().decay = 300;
  std::get<WsdConfig>(config).warmup = 30;
  CHECK(reaches_highest(config, 330));
  CHECK_FALSE(reaches_highest(config, 329));
  config.emplace<CosineConfig>().warmup = 10;
  CHECK(reaches_highest(config, 10));
  CHECK_FALSE(reaches_highest(config, 9));
}
