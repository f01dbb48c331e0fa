#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "data/shards/sample.h"
#include "eval/answers.h"
#include "eval/model_scorer.h"
#include "reka/base/page.h"

namespace reka::eval {

/// A few items of the dev split, the same ones every time, for people who watch a training.
class Showcase {
 public:
  /// Takes up to `samples` items of each modality, in turn from the sources that have it and spread
  /// over the first dev shard of each. Throws DataError: no shards, a damaged one.
  Showcase(const std::filesystem::path& shards, int64_t samples);

  /// Pictures, sounds, clips and texts with the model's short answers. After about `seconds` the
  /// answer in progress is cut and the items that remain are left out, and so is one that cannot be
  /// decoded.
  std::vector<Figure> figures(const Subject& subject, double seconds) const;

 private:
  std::vector<data::Sample> samples_;  // first one of each modality, then the second ones
};

}  // namespace reka::eval
