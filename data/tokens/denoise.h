#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "data/shards/sample.h"
#include "data/tokens/tokenizer.h"
#include "reka/base/config.h"

namespace reka::data {

/// What a stage asks of its text: shares of samples, of any sum. Samples with media and chats are
/// never denoised. UL2R (Tay et al. 2022, arXiv:2210.11399) is
///   {causal: 0, prefix_lm: 50, regular_spans: 25, extreme_spans: 25, mode_tokens: true}.
struct ObjectiveConfig {
  double causal = 1;
  double prefix_lm = 0;
  double regular_spans = 0;
  double extreme_spans = 0;
  bool mode_tokens = true;

  void describe(auto& field) {
    field("causal", causal, "share of samples that predict each next token", not_negative);
    field("prefix_lm", prefix_lm,
          "share that predict the rest of a text from a beginning that sees itself both ways",
          not_negative);
    field("regular_spans", regular_spans,
          "share that restore spans of 3 tokens in the mean, 15 % of the text", not_negative);
    field("extreme_spans", extreme_spans,
          "share that restore spans of 32 tokens in the mean (15 %) or half of the text (spans of "
          "3), either as often",
          not_negative);
    field("mode_tokens", mode_tokens,
          "put [S2S] before prefix_lm, [NLU] before regular and [NLG] before extreme spans");
    field.rule("causal", causal + prefix_lm + regular_spans + extreme_spans > 0,
               "must not be 0 together with prefix_lm, regular_spans and extreme_spans");
  }
};

}  // namespace reka::data
