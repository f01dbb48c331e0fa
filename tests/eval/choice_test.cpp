#include "eval/choice.h"

#include <cmath>
#include <string>
#include <string_view>

#include "eval/results.h"
#include "reka/base/error.h"
#include "reka/base/random.h"
#include "tests/support/catch.h"

using namespace reka;  // NOLINT(google-build-using-namespace)

namespace {

/// Sample i: a media mark 1000 + i, then a text of its own.
std::vector<data::Sample> make_samples(int32_t count, int32_t per_key) {
  std::vector<data::Sample> samples;
  for (int32_t i = 0; i < count; ++i) {
    data::Sample sample;
    sample.tokens = {1000 + i, 5, i, 1};
    sample.targets = {{2, 2}};
    sample.key = static_cast<uint64_t>(i / per_key);
    samples.push_back(sample);
  }
  return samples;
}

/// Knows which text belongs to which media when `skill` is 1; some texts are likelier than others.
eval::Scorer make_scorer(double skill) {
  return [skill](const std::vector<data::Sample>& asked, std::string_view) {
    std::vector<eval::Score> scores;
    for (const auto& sample : asked) {
      const auto media = sample.tokens[0] - 1000;
      const auto text = sample.tokens[2];
      const auto prior = -10.0 - text % 7;
      scores.push_back({prior + (media == text ? skill : 0), 2});
    }
    return scores;
  };
}

}  // namespace

TEST_CASE("choice: a scorer that knows is right, and shuffled media fall below", "[eval]") {
  eval::ChoiceConfig config;
  config.source = "emoji";
  const auto samples = make_samples(200, 2);
  const auto result = eval::choose_texts(samples, config, make_scorer(1));
  CHECK(result.accuracy.mean == 1.0);
  CHECK(result.accuracy.groups == 100);
  CHECK(result.shuffled.mean < 0.2);
  CHECK(result.information.mean == Approx(1.0));
  CHECK(result.chance == Approx(0.125));
}

TEST_CASE("choice: a prior over texts alone wins nothing", "[eval]") {
  eval::ChoiceConfig config;
  config.source = "emoji";
  const auto result = eval::choose_texts(make_samples(100, 1), config, make_scorer(0));
  CHECK(result.accuracy.mean == 0);  // every score ties, and a tie is wrong
}

TEST_CASE("choice: scores of pure noise are right as often as chance", "[eval]") {
  eval::ChoiceConfig config;
  config.source = "emoji";
  const auto noise = [&](const std::vector<data::Sample>& asked, std::string_view) {
    std::vector<eval::Score> scores;
    for (const auto& sample : asked) {
      const auto draw =
          mix64(static_cast<uint64_t>(config.seed), static_cast<uint64_t>(sample.tokens[0]),
                static_cast<uint64_t>(sample.tokens[2]));
      scores.push_back({-20.0 * static_cast<double>(draw >> 11U) * 0x1p-53, 2});
    }
    return scores;
  };
  const auto samples = make_samples(16, 1);
  double sum = 0;
  for (config.seed = 0; config.seed < 400; ++config.seed) {
    sum += eval::choose_texts(samples, config, noise).accuracy.mean;
  }
  CHECK(std::abs(sum / 400 - 0.125) < 0.012);
}

TEST_CASE("choice: media of one key alone are refused in one line", "[eval]") {
  eval::ChoiceConfig config;
  config.source = "clips";
  config.distractors.value = "same_key";
  CHECK_THROWS_WITH(eval::choose_texts(make_samples(20, 20), config, make_scorer(1)),
                    "clips: held-out samples of one split key: must be of several");
}

TEST_CASE("choice: distractors keep to the keys that are asked for", "[eval]") {
  eval::ChoiceConfig config;
  config.source = "clips";
  config.choices = 3;
  const auto samples = make_samples(60, 6);
  for (const auto same : {false, true}) {
    config.distractors.value = same ? "same_key" : "other_keys";
    const auto result = eval::choose_texts(samples, config, make_scorer(1));
    REQUIRE(result.answers.size() == 60);
    for (const auto& answer : result.answers) {
      CHECK(answer.candidates[answer.right] == answer.sample);
      for (const auto candidate : answer.candidates) {
        if (candidate == answer.sample) continue;
        CHECK((samples[candidate].key == samples[answer.sample].key) == same);
      }
    }
  }
}

TEST_CASE("choice: too few texts are refused in one line", "[eval]") {
  eval::ChoiceConfig config;
  config.source = "emoji";
  CHECK_THROWS_WITH(eval::choose_texts(make_samples(4, 1), config, make_scorer(1)),
                    "emoji: 4 held-out samples: none has 8 different texts to choose from");
}

TEST_CASE("choice: what cannot be asked is known before a model is", "[eval]") {
  eval::ChoiceConfig config;
  config.source = "emoji";
  CHECK_NOTHROW(eval::expect_questions(make_samples(60, 6), config));
  CHECK_THROWS_WITH(eval::expect_questions(make_samples(4, 1), config),
                    "emoji: 4 held-out samples: none has 8 different texts to choose from");
}

TEST_CASE("choice: each pass says what it scores", "[eval]") {
  eval::ChoiceConfig config;
  config.source = "emoji";
  std::vector<std::string> passes;
  const auto score = make_scorer(1);
  const auto scorer = [&](const std::vector<data::Sample>& asked, std::string_view pass) {
    passes.emplace_back(pass);
    return score(asked, pass);
  };
  eval::choose_texts(make_samples(20, 1), config, scorer);
  CHECK(passes == std::vector<std::string>{"texts with any media",
                                           "texts with another item's media",
                                           "texts with their own media"});
}

TEST_CASE("choice: what is not asked is counted, and the last line says why", "[eval]") {
  eval::ChoiceConfig config;
  config.source = "clips";
  config.choices = 3;
  config.distractors.value = "same_key";
  auto samples = make_samples(62, 6);  // the last key has two samples
  auto result = eval::choose_texts(samples, config, make_scorer(1));
  CHECK(result.answers.size() == 60);
  CHECK(result.skipped == 2);
  std::vector<eval::TaskResult> results(1);
  results[0] = {.name = "clips", .result = std::move(result), .samples = {}, .left_out = 4};
  CHECK_THAT(eval::summary(results),
             Catch::Contains("; 2 skipped: fewer than 3 different texts to choose from") &&
                 Catch::Contains("; 4 left out: no room for their media\n") &&
                 Catch::Contains("100.0 % right [72.2, 100.0 Wilson] of 60 in 10 groups"));
  CHECK(eval::to_json(results)["clips"]["accuracy"]["interval"] == "Wilson");
}
