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

void plan_sample(const ShardReader& shard, uint32_t sample, uint32_t copy, const RowRules& rules,
                 int64_t epoch, GroupPlan& plan) {
  const auto tokens = shard.num_tokens(sample);
  const auto id = copy_id(shard.id(sample), copy);
  if (is_plain(shard, sample)) {
    uint32_t number = 0;
    for (const auto& piece : rules.objective.pieces(tokens, id, epoch))
      plan.pieces.push_back({sample, number++, copy, piece});
    return;
  }
  const auto causal = rules.objective.choose(id, epoch) == Denoiser::kCausal;
  const auto denoiser = causal ? Denoiser::kCausal : Denoiser::kPrefix;
  if (shard.whole(sample)) {
    try {
      const auto length = rules.expander.length(tokens, shard.media(sample));
      if (length > rules.row_tokens) throw DataError("{} tokens", length);
      plan.pieces.push_back({sample, 0, copy, {0, tokens, length, denoiser}});
    } catch (const DataError& error) {
      if (copy == 0) plan.refused.push_back({sample, error.what()});
    }
    return;
  }
  uint32_t number = 0;
  for (int64_t begin = 0; begin == 0 || begin < tokens - 1; begin += rules.row_tokens) {
    const auto end = std::min(begin + rules.row_tokens, tokens);
    plan.pieces.push_back({sample, number++, copy, {begin, end, end - begin, Denoiser::kCausal}});
  }
}

}  // namespace

RowRules::RowRules(int64_t tokens, const ObjectiveConfig& objective_config,
                   const std::shared_ptr<const Tokenizer>& tokenizer, const MediaRules& media,
                   ClusterRepeats cluster_repeats)
    : row_tokens(tokens),
      objective(objective_config, *tokenizer, tokens),
      expander(tokenizer, media.length),
      repeats(std::move(cluster_repeats)),
      id(fmt::format("rows of {}; {}; media {}; tokenizer {}", tokens, objective.id(), media.id,
                     hex(tokenizer->fingerprint()))) {
  if (const auto name = repeats.id(); !name.empty()) id += "; clusters " + name;
}

uint64_t copy_id(uint64_t sample_id, uint32_t copy) {
  return copy == 0 ? sample_id : mix64(sample_id, copy);
}

GroupPlan plan_group(std::shared_ptr<const ShardReader> shard, const RowRules& rules, int64_t epoch,
                     std::optional<uint64_t> shuffle) {
  GroupPlan plan;
  for (uint32_t sample = 0; sample < shard->size(); ++sample) {
    const auto times = rules.repeats.times(shard->origin(sample).alike);
    for (uint32_t copy = 0; copy < times; ++copy)
      plan_sample(*shard, sample, copy, rules, epoch, plan);
  }
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
