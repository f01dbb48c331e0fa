#include "data/batch/plan.h"

#include <utility>

#include <fmt/format.h>

#include "reka/base/error.h"
#include "reka/base/hash.h"
#include "reka/base/random.h"

namespace reka::data {
namespace {

/// Text that is predicted from its first (or second) token to its end: it can be denoised.
bool is_plain(const ShardReader& shard, size_t sample) {
  const auto targets = shard.targets(sample);
  return !shard.whole(sample) && targets.size() == 1 && targets[0].begin <= 1 &&
         targets[0].begin + targets[0].length == shard.num_tokens(sample);
}

void plan_sample(const ShardReader& shard, uint32_t sample, const RowRules& rules, int64_t epoch,
                 GroupPlan& plan) {
  const auto tokens = shard.num_tokens(sample);
  if (is_plain(shard, sample)) {
    uint32_t number = 0;
    for (const auto& piece : rules.objective.pieces(tokens, shard.id(sample), epoch))
      plan.pieces.push_back({sample, number++, piece});
    return;
  }
  const auto causal = rules.objective.choose(shard.id(sample), epoch) == Denoiser::kCausal;
  const auto denoiser = causal ? Denoiser::kCausal : Denoiser::kPrefix;
  if (shard.whole(sample)) {
    try {
      const auto length = rules.expander.length(tokens, shard.media(sample));
      if (length > rules.row_tokens) throw DataError("{} tokens", length);
      plan.pieces.push_back({sample, 0, {0, tokens, length, denoiser}});
    } catch (const DataError& error) {
      plan.refused.push_back({sample, error.what()});
    }
    return;
  }
  uint32_t number = 0;
  for (int64_t begin = 0; begin == 0 || begin < tokens - 1; begin += rules.row_tokens) {
    const auto end = std::min(begin + rules.row_tokens, tokens);
    plan.pieces.push_back({sample, number++, {begin, end, end - begin, Denoiser::kCausal}});
  }
}

}  // namespace

RowRules::RowRules(int64_t tokens, const ObjectiveConfig& objective_config,
                   const std::shared_ptr<const Tokenizer>& tokenizer, const MediaRules& media)
    : row_tokens(tokens),
      objective(objective_config, *tokenizer, tokens),
      expander(tokenizer, media.length),
      id(fmt::format("rows of {}; {}; media {}; tokenizer {}", tokens, objective.id(), media.id,
                     hex(tokenizer->fingerprint()))) {}

GroupPlan plan_group(std::shared_ptr<const ShardReader> shard, const RowRules& rules, int64_t epoch,
                     std::optional<uint64_t> shuffle) {
  GroupPlan plan;
  for (uint32_t sample = 0; sample < shard->size(); ++sample)
    plan_sample(*shard, sample, rules, epoch, plan);
  if (shuffle) {
    const Permutation permutation(plan.pieces.size(), *shuffle);
    std::vector<PlannedPiece> shuffled;
    shuffled.reserve(plan.pieces.size());
    for (size_t i = 0; i < plan.pieces.size(); ++i) shuffled.push_back(plan.pieces[permutation(i)]);
    plan.pieces = std::move(shuffled);
  }
  std::vector<int32_t> lengths;
  lengths.reserve(plan.pieces.size());
  for (const auto& piece : plan.pieces) lengths.push_back(static_cast<int32_t>(piece.text.length));
  plan.rows = pack(lengths, rules.row_tokens);
  plan.shard = std::move(shard);
  return plan;
}

}  // namespace reka::data
