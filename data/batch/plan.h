#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/batch/cluster_repeats.h"
#include "data/batch/expand.h"
#include "data/batch/pack.h"
#include "data/shards/reader.h"
#include "data/tokens/denoise.h"

namespace reka::data {

/// All that decides how samples become rows, besides the samples.
struct RowRules {
  RowRules(int64_t tokens, const ObjectiveConfig& objective_config,
           const std::shared_ptr<const Tokenizer>& tokenizer, const MediaRules& media,
           ClusterRepeats cluster_repeats = {});

  int64_t row_tokens;
  Objective objective;
  Expander expander;
  ClusterRepeats repeats;
  std::string id;  // names everything that the number of rows depends on
};

/// A sample, or the piece of it, that stands in a row.
struct PlannedPiece {
  uint32_t sample = 0;
  uint32_t number = 0;  // which piece of its sample
  uint32_t copy = 0;    // which time in the epoch
  TextPiece text;
};

/// A sample that a row cannot hold and that may not be cut, and why.
struct RefusedSample {
  uint32_t sample = 0;
  std::string finding;
};

/// The rows of a group (one shard) in one epoch.
struct GroupPlan {
  std::shared_ptr<const ShardReader> shard;
  std::vector<PlannedPiece> pieces;
  Packing rows;  // of indices in `pieces`
  std::vector<RefusedSample> refused;
};

/// What the draws of a piece's objective are seeded with, in the place of the sample's id.
uint64_t copy_id(uint64_t sample_id, uint32_t copy);

/// Plans a group from the lengths of its samples, without reading a token. With a `shuffle` key
/// documents of equal length change places; the number of rows stays the same.
GroupPlan plan_group(std::shared_ptr<const ShardReader> shard, const RowRules& rules, int64_t epoch,
                     std::optional<uint64_t> shuffle);

}  // namespace reka::data
