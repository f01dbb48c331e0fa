#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "data/batch/expand.h"
#include "data/tokens/tokenizer.h"
#include "eval/scorer.h"
#include "reka/model/model.h"

namespace reka::eval {

/// A model with all it takes to show it samples.
struct Subject {
  Model model{nullptr};
  std::shared_ptr<const data::Tokenizer> tokenizer;
  data::MediaRules media;
  std::string origin = {};  // for reports: "runs/a, step 300"
};

/// Text longer than `context` tokens in pieces of at most so many, as training cuts it; each begins
/// with the last token of the one before, so that every token but the first is predicted once.
/// Samples with media and whole ones are never cut.
std::vector<data::Sample> cut_text(const data::Sample& sample, int64_t context);

/// Scores samples with the model, about `batch_tokens` at a time, text in pieces of the model's
/// context; the subject is kept alive. The progress line names `task`.
/// Throws DataError when a sample's media cannot be decoded.
Scorer make_scorer(const Subject& subject, int64_t batch_tokens, const std::string& task);

}  // namespace reka::eval
