#include "data/tokens/denoise.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "reka/base/random.h"

namespace reka::data {
namespace {

struct SpanNoise {
  double rate;
  double mean;  // tokens in a span
};

constexpr SpanNoise noise_of(Denoiser denoiser) {
  switch (denoiser) {
    case Denoiser::kExtremeLong:
      return {0.15, 32};
    case Denoiser::kExtremeDense:
      return {0.50, 3};
    default:
      return {0.15, 3};
  }
}

bool has_spans(Denoiser denoiser) {
  return denoiser >= Denoiser::kRegular;
}

/// Shorter texts are left causal: there is nothing to restore a span from.
constexpr int64_t kShortestSpanText = 8;

constexpr uint64_t kChoiceKey = 0xc401ce;

/// A uniformly drawn way to write `total` as a sum of `parts` positive numbers: the cuts are a
/// random subset of the total - 1 places between units (selection sampling).
std::vector<int64_t> compose(int64_t total, int64_t parts, uint64_t seed) {
  std::vector<int64_t> sizes;
  int64_t cuts = parts - 1;
  int64_t size = 1;
  for (int64_t place = 1; place < total; ++place) {
    const auto left = static_cast<uint64_t>(total - place);
    if (uniform_below(mix64(seed, place), left) < static_cast<uint64_t>(cuts)) {
      sizes.push_back(size);
      size = 0;
      --cuts;
    }
    ++size;
  }
  sizes.push_back(size);
  return sizes;
}

/// Kept tokens before each span and after the last; only the outer two may be none.
std::vector<int64_t> compose_kept(int64_t kept, int64_t spans, uint64_t seed) {
  auto sizes = compose(kept + 2, spans + 1, seed);
  --sizes.front();
  --sizes.back();
  return sizes;
}

}  // namespace

std::vector<uint8_t> predicted_tokens(std::span<const TargetRun> targets, size_t tokens) {
  std::vector<uint8_t> predicted(tokens, 0);
  for (const auto& run : targets) std::fill_n(predicted.begin() + run.begin, run.length, 1);
  return predicted;
}

Objective::Objective(const ObjectiveConfig& config, const Tokenizer& tokenizer, int64_t row_tokens)
    : config_(config) {
  const auto spans = config.regular_spans + config.extreme_spans > 0;
  const auto modes = config.mode_tokens && (spans || config.prefix_lm > 0);
  eos_ = tokenizer.end_of_text();
  // Lengths are those of causal text unless tokens are added.
  varies_ = spans || (modes && config.causal > 0);
  id_ = fmt::format("objective {} {} {} {} {}", config.causal, config.prefix_lm,
                    config.regular_spans, config.extreme_spans, modes ? "modes" : "bare");
  if (!spans && !modes) id_ = "objective causal";
  if (modes)
    for (const auto* mode : {"[S2S]", "[S2S]", "[NLU]", "[NLG]", "[NLG]"})
      modes_.push_back(tokenizer.special(mode));
  for (int64_t n = 0; spans && n < kNumSpanSentinels; ++n)
    sentinels_.push_back(tokenizer.special(fmt::format("<extra_id_{}>", n)));
  for (const auto denoiser : {Denoiser::kCausal, Denoiser::kPrefix, Denoiser::kRegular,
                              Denoiser::kExtremeLong, Denoiser::kExtremeDense})
    longest_.push_back(longest_piece(denoiser, row_tokens));
}

Denoiser Objective::choose(uint64_t sample_id, int64_t epoch) const {
  const std::array shares = {config_.causal, config_.prefix_lm, config_.regular_spans,
                             config_.extreme_spans / 2, config_.extreme_spans / 2};
  double sum = 0;
  for (const auto share : shares) sum += share;
  auto draw = uniform(mix64(sample_id, epoch, kChoiceKey)) * sum;
  auto last = Denoiser::kCausal;
  for (size_t i = 0; i < shares.size(); ++i) {
    if (shares[i] <= 0) continue;
    last = static_cast<Denoiser>(i);
    if (draw < shares[i]) break;
    draw -= shares[i];
  }
  return last;
}

SpanCounts Objective::span_counts(Denoiser denoiser, int64_t tokens) {
  const auto [rate, mean] = noise_of(denoiser);
  const auto share = static_cast<int64_t>(std::llround(rate * static_cast<double>(tokens)));
  const auto noise = std::clamp<int64_t>(share, 1, tokens - 1);
  const auto spans = static_cast<int64_t>(std::llround(static_cast<double>(noise) / mean));
  return {noise, std::clamp<int64_t>(spans, 1, tokens - noise + 1)};
}

int64_t Objective::length(Denoiser denoiser, int64_t tokens) const {
  const int64_t mode = !modes_.empty() && denoiser != Denoiser::kCausal ? 1 : 0;
  if (!has_spans(denoiser)) return mode + tokens;
  return mode + tokens + 2 * span_counts(denoiser, tokens).spans + 1;
}

int64_t Objective::longest_piece(Denoiser denoiser, int64_t row_tokens) const {
  if (!has_spans(denoiser)) return row_tokens - (length(denoiser, row_tokens) - row_tokens);
  // Lengths grow by less than two with each token, spans with them: search down from the row.
  auto tokens = row_tokens;
  while (tokens >= kShortestSpanText && (length(denoiser, tokens) > row_tokens ||
                                         span_counts(denoiser, tokens).spans > kNumSpanSentinels))
    --tokens;
  return tokens;
}

std::vector<TextPiece> Objective::pieces(int64_t tokens, uint64_t sample_id, int64_t epoch) const {
  auto denoiser = choose(sample_id, epoch);
  std::vector<TextPiece> pieces;
  if (has_spans(denoiser)) {
    const auto content = tokens - 1;  // <eos> closes the answer instead
    if (content >= kShortestSpanText && longest(denoiser) >= 2 * kShortestSpanText) {
      const auto count = (content + longest(denoiser) - 1) / longest(denoiser);
      for (int64_t n = 0; n < count; ++n) {
        const auto begin = n * content / count;
        const auto end = (n + 1) * content / count;
        pieces.push_back({begin, end, length(denoiser, end - begin), denoiser});
      }
      return pieces;
    }
    denoiser = Denoiser::kCausal;
  }
  // The last token predicts nothing: it needs no piece of its own.
  for (int64_t begin = 0; begin == 0 || begin < tokens - 1; begin += longest(denoiser)) {
    const auto end = std::min(begin + longest(denoiser), tokens);
    pieces.push_back({begin, end, length(denoiser, end - begin), denoiser});
  }
  return pieces;
}

Example Objective::example(const TextPiece& piece, std::span<const int32_t> tokens,
                           std::span<const TargetRun> targets, uint64_t seed) const {
  if (has_spans(piece.denoiser)) return span_example(piece, tokens, seed);
  if (piece.denoiser == Denoiser::kPrefix) return prefix_example(piece, tokens, targets, seed);
  const auto stop = std::min<int64_t>(piece.end + 1, static_cast<int64_t>(tokens.size()));
  const auto predicted = predicted_tokens(targets, tokens.size());
  return {.tokens = {tokens.begin() + piece.begin, tokens.begin() + stop},
          .predicted = {predicted.begin() + piece.begin, predicted.begin() + stop},
          .length = piece.length};
}

Example Objective::prefix_example(const TextPiece& piece, std::span<const int32_t> tokens,
                                  std::span<const TargetRun> targets, uint64_t seed) const {
  auto causal = piece;
  causal.denoiser = Denoiser::kCausal;
  auto example = this->example(causal, tokens, targets, seed);
  // Uniform over the places that leave something on both sides.
  const auto last = static_cast<uint64_t>(example.tokens.size()) - 1;
  const auto split = last == 0 ? 0 : 1 + uniform_below(mix64(seed), last);
  std::fill_n(example.predicted.begin(), split, 0);
  example.prefix_length = static_cast<int64_t>(split);
  if (!modes_.empty()) {
    example.tokens.insert(example.tokens.begin(), modes_[static_cast<size_t>(Denoiser::kPrefix)]);
    example.predicted.insert(example.predicted.begin(), 0);
    ++example.prefix_length;
  }
  return example;
}

Example Objective::span_example(const TextPiece& piece, std::span<const int32_t> tokens,
                                uint64_t seed) const {
  const auto [noise, spans] = span_counts(piece.denoiser, piece.end - piece.begin);
  const auto kept = compose_kept(piece.end - piece.begin - noise, spans, mix64(seed, 0));
  const auto lost = compose(noise, spans, mix64(seed, 1));
  Example example;
  std::vector<int32_t> answer;
  if (!modes_.empty()) example.tokens.push_back(modes_[static_cast<size_t>(piece.denoiser)]);
  auto next = tokens.begin() + piece.begin;
  const auto move_to = [&](std::vector<int32_t>& to, int64_t count) {
    to.insert(to.end(), next, next + count);
    next += count;
  };
  for (size_t n = 0; n < lost.size(); ++n) {
    move_to(example.tokens, kept[n]);
    example.tokens.push_back(sentinels_[n]);
    answer.push_back(sentinels_[n]);
    move_to(answer, lost[n]);
  }
  move_to(example.tokens, kept.back());
  answer.push_back(eos_);
  example.prefix_length = static_cast<int64_t>(example.tokens.size());
  example.predicted.assign(example.tokens.size(), 0);
  example.predicted.resize(example.tokens.size() + answer.size(), 1);
  example.tokens.insert(example.tokens.end(), answer.begin(), answer.end());
  example.length = static_cast<int64_t>(example.tokens.size());
  return example;
}

}  // namespace reka::data
