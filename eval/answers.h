#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "data/shards/sample.h"
#include "eval/model_scorer.h"
#include "reka/base/config.h"
#include "reka/generate/generate.h"

namespace reka::eval {

/// A few answers of the model to held-out samples, to look at.
struct AnswersConfig {
  static constexpr auto kName = "answers";
  std::string source;
  std::string language;
  Choice split{"test", {"dev", "test"}};
  int64_t samples = 2;
  int64_t prompt_tokens = 24;
  int64_t max_tokens = 32;

  void describe(auto& field) {
    field("source", source, "the data source whose held-out samples are answered", not_empty);
    field("language", language, "only samples of this language; empty for all");
    field("split", split, "which held-out samples");
    field("samples", samples, "how many, spread evenly", positive);
    field("prompt_tokens", prompt_tokens, "of a text without media: the beginning that is given",
          positive);
    field("max_tokens", max_tokens, "the longest answer", positive);
  }
};

struct Answer {
  size_t sample = 0;
  std::string prompt;     // the text given, "" where media alone were
  std::string answer;     // what the model wrote
  std::string reference;  // what stands in the corpus
};

/// The text of `ids`, special tokens left out.
std::string plain_text(const Subject& subject, std::span<const int32_t> ids);

/// The most likely continuation of a sample's beginning: all before its first target, or the first
/// `prompt_tokens` of a text that is a target from its beginning. `sink` as in generate().
Answer answer_sample(const data::Sample& sample, const AnswersConfig& config,
                     const Subject& subject, const TokenSink& sink = {});

/// The same for some of the samples.
std::vector<Answer> answer_samples(const std::vector<data::Sample>& samples,
                                   const AnswersConfig& config, const Subject& subject);

}  // namespace reka::eval
