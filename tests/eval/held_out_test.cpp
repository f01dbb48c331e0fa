#include "eval/held_out.h"

#include <cmath>

#include "tests/support/catch.h"

using namespace reka;  // NOLINT(google-build-using-namespace)

TEST_CASE("held out: bits per byte are summed by language before they are divided", "[eval]") {
  std::vector<data::Sample> samples(3);
  samples[0].language = "de";
  samples[0].text_bytes = 10;
  samples[1].language = "de";
  samples[1].text_bytes = 30;
  samples[2].language = "el";
  samples[2].text_bytes = 8;
  samples[2].media.resize(1);
  const eval::Scorer scorer = [](const std::vector<data::Sample>& asked, std::string_view) {
    std::vector<eval::Score> scores;
    for (const auto& sample : asked) {
      scores.push_back({-std::log(2.0) * static_cast<double>(sample.text_bytes), 4});
    }
    scores[1].log_probability *= 3;
    return scores;
  };
  const auto result = eval::score_held_out(samples, scorer);
  CHECK(result.by_language.at("de").bits_per_byte() == Approx((10.0 + 90.0) / 40));
  CHECK(result.by_language.at("el").bits_per_byte() == Approx(1.0));
  CHECK(result.by_modality.at("image").samples == 1);
  CHECK(result.all.tokens == 12);
  CHECK(eval::HeldOutSum{}.bits_per_byte() == 0);
}
