#pragma once

#include <cstdint>
#include <memory>

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
};

/// Scores samples with the model, about `batch_tokens` at a time; the subject is kept alive.
/// Throws DataError when a sample's media cannot be decoded.
Scorer make_scorer(const Subject& subject, int64_t batch_tokens);

}  // namespace reka::eval
