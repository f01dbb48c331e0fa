#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

#include "reka/base/config.h"

namespace reka {

struct SamplingConfig {
  double temperature = 0;
  int64_t top_k = 0;
  double top_p = 1;
  int64_t seed = 0;

  void describe(auto& field) {
    field("temperature", temperature, "divides the logits; 0 takes the likeliest token",
          not_negative);
    field("top_k", top_k, "only so many of the likeliest tokens; 0: all", not_negative);
    field("top_p", top_p, "only the likeliest tokens that have this probability together",
          Limit{"in (0, 1]", [](double p) { return p > 0 && p <= 1; }});
    field("seed", seed, "of the draws", not_negative);
  }
};

/// Draws tokens from logits. The n-th draw of a seed depends on nothing but the logits.
/// Temperature comes first, then top-k, then top-p (nucleus: Holtzman et al. 2019,
/// arXiv:1904.09751), as in transformers.
class Sampler {
 public:
  explicit Sampler(const SamplingConfig& config) : config_(config) {}

  /// logits [vocab], of any floating type -> an id below `vocab`, which may be less than the rows
  /// of the head are padded to. A logit of -inf is never drawn; NaN and +inf are an error.
  int64_t draw(const at::Tensor& logits, int64_t vocab);

 private:
  SamplingConfig config_;
  uint64_t draws_ = 0;
};

}  // namespace reka
