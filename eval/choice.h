#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "eval/scorer.h"
#include "eval/statistics.h"
#include "reka/base/config.h"

namespace reka::eval {

/// Choose the text that belongs to a media item among several.
struct ChoiceConfig {
  static constexpr auto kName = "choice";
  std::string source;
  std::string language;
  Choice split{"test", {"dev", "test"}};
  Choice distractors{"other_keys", {"other_keys", "same_key"}};
  int64_t choices = 8;
  int64_t marginal = 8;
  int64_t resamples = 2000;
  int64_t seed = 0;

  void describe(auto& field) {
    field("source", source, "the data source whose held-out samples are asked", not_empty);
    field("language", language, "only samples of this language; empty for all");
    field("split", split, "which held-out samples");
    field("distractors", distractors,
          "wrong texts come from samples of other split keys, or of the same (another order of the "
          "same pictures)");
    field("choices", choices, "texts to choose from, the right one included",
          Limit{">= 2", [](auto value) { return value >= 2; }});
    field("marginal", marginal,
          "media items, of different split keys, over which p(text) is averaged",
          Limit{">= 2", [](auto value) { return value >= 2; }});
    field("resamples", resamples, "bootstrap resamples over split keys", positive);
    field("seed", seed, "of distractors, marginals and bootstrap");
  }
};

/// One question as it was asked and answered, for the report.
struct ChoiceAnswer {
  size_t sample = 0;               // index in the samples given
  std::vector<size_t> candidates;  // indices of the samples whose texts were offered
  std::vector<double> scores;      // one per candidate
  size_t right = 0;                // position of the right text in `candidates`
  bool correct = false;            // ties count as wrong
};

struct ChoiceResult {
  Estimate accuracy;
  Estimate shuffled;     // the same questions with another item's media: must fall to chance
  Estimate information;  // log p(right text | media) - log p(right text), nats a text
  double chance = 0;
  int64_t choices = 0;
  int64_t skipped = 0;  // samples with fewer different texts to choose from
  std::vector<ChoiceAnswer> answers;
  std::vector<std::string> texts;  // of the samples given, for the report
};

/// Throws DataError where there is no question to ask, or none with media of another split key.
void expect_questions(const std::vector<data::Sample>& samples, const ChoiceConfig& config);

/// A text is scored by its pointwise mutual information with the media item,
///   log p(text | media) - log p(text),   p(text) = mean over media' of p(text | media'),
/// the marginal under the model itself; media' are drawn once for all questions, less those of the
/// question's own split key. Samples need one media item followed by their text.
/// Throws DataError when there are fewer samples or texts than choices.
ChoiceResult choose_texts(const std::vector<data::Sample>& samples, const ChoiceConfig& config,
                          const Scorer& scorer);

}  // namespace reka::eval
