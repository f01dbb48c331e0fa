#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "data/shards/sample.h"
#include "data/tokens/tokenizer.h"
#include "reka/base/config.h"

namespace reka::data {

/// What a stage asks of its text: shares of samples, of any sum. UL2R (Tay et al. 2022,
/// arXiv:2210.11399) is {causal: 0, prefix_lm: 50, regular_spans: 25, extreme_spans: 25}.
/// Chats and samples with media are never denoised: what would be is prefix_lm there, and the
/// prefix is all that stands before the first target.
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

enum class Denoiser : uint8_t { kCausal, kPrefix, kRegular, kExtremeLong, kExtremeDense };

/// Tokens [begin, end) of a sample and the room that they take in a row.
struct TextPiece {
  int64_t begin = 0;
  int64_t end = 0;
  int64_t length = 0;
  Denoiser denoiser = Denoiser::kCausal;
};

/// What a model reads and what it must say. The first `length` tokens are read; when the text goes
/// on in another piece, one more token follows that the last one predicts.
struct Example {
  std::vector<int32_t> tokens;
  std::vector<uint8_t> predicted;  // as many: whether a token is a target of the one before it
  int64_t length = 0;
  int64_t prefix_length = 0;  // tokens that see each other both ways
};

/// Corrupted spans: `noise` tokens of a text of n in `spans` spans.
struct SpanCounts {
  int64_t noise = 0;
  int64_t spans = 0;
};

/// Cuts texts in pieces and turns them into examples of the denoisers that a stage asks for. What a
/// sample becomes is a function of (its tokens, its id, the epoch), and its length of (its number
/// of tokens, id, epoch), so that rows are planned without reading a token.
///
/// Span corruption, with sentinels as in T5 (Raffel et al. 2020, arXiv:1910.10683, 3.1.4):
///   [NLU] the <extra_id_0> sat on <extra_id_1>  |  <extra_id_0> cat <extra_id_1> a mat <eos>
/// Everything before the bar is the prefix, everything after it is predicted.
class Objective {
 public:
  Objective(const ObjectiveConfig& config, const Tokenizer& tokenizer, int64_t row_tokens);

  /// The denoiser of a plain text: by share, from the id and the epoch.
  Denoiser choose(uint64_t sample_id, int64_t epoch) const;
  /// Whether lengths are not the same in each epoch.
  bool varies() const { return varies_; }
  /// All that lengths depend on, in words.
  const std::string& id() const { return id_; }

  /// Pieces of a plain text of n tokens, the last of them <eos>, none longer than a row. Nothing is
  /// lost: each token but the first is predicted (or shown, in a prefix or uncorrupted) once.
  std::vector<TextPiece> pieces(int64_t tokens, uint64_t sample_id, int64_t epoch) const;

  /// `tokens` and `targets` of the whole sample; `seed` of the draws of this piece.
  Example example(const TextPiece& piece, std::span<const int32_t> tokens,
                  std::span<const TargetRun> targets, uint64_t seed) const;

  /// Rounded shares of the text: 15 % or 50 %, at least 1 token in 1 span.
  static SpanCounts span_counts(Denoiser denoiser, int64_t tokens);

 private:
  int64_t length(Denoiser denoiser, int64_t tokens) const;
  int64_t longest_piece(Denoiser denoiser, int64_t row_tokens) const;
  int64_t longest(Denoiser denoiser) const { return longest_[static_cast<size_t>(denoiser)]; }
  Example prefix_example(const TextPiece& piece, std::span<const int32_t> tokens,
                         std::span<const TargetRun> targets, uint64_t seed) const;
  Example span_example(const TextPiece& piece, std::span<const int32_t> tokens,
                       uint64_t seed) const;

  ObjectiveConfig config_;
  bool varies_ = false;
  std::string id_;
  int32_t eos_ = 0;
  std::vector<int32_t> modes_;      // for each Denoiser, or none
  std::vector<int64_t> longest_;    // for each Denoiser, the tokens of a piece that fits a row
  std::vector<int32_t> sentinels_;  // none unless spans are asked for
};

/// predicted[i] = 1 for i in `targets`, of `tokens` values.
std::vector<uint8_t> predicted_tokens(std::span<const TargetRun> targets, size_t tokens);

}  // namespace reka::data
