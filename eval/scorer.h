#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "data/shards/sample.h"

namespace reka::eval {

/// What a model says of one sample: the sum of log p over its target tokens, in nats.
struct Score {
  double log_probability = 0;
  int64_t tokens = 0;
};

/// Scores samples in order; tasks know no more of a model than this. `pass` says what they are, for
/// the progress line: "texts with their own media".
using Scorer = std::function<std::vector<Score>(const std::vector<data::Sample>& samples,
                                                std::string_view pass)>;

}  // namespace reka::eval
