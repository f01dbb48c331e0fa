#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/tokens/denoise.h"
#include "reka/base/reader.h"
#include "train/config.h"

namespace reka::train {

/// A stage with everything filled in: steps [begin, end) of the run.
struct Stage {
  std::string name;
  int64_t begin = 0;
  int64_t end = 0;
  int64_t sequence_length = 0;
  int64_t rows = 0;        // of a step, over all ranks
  int64_t micro_rows = 0;  // of a micro-batch on one rank
  Table<MixtureSource> sources;
  data::ObjectiveConfig objective;

  int64_t step_tokens() const { return rows * sequence_length; }
};

/// The run's stages in order; a config without stages is one. The last stage is made longer or
/// later ones are cut where train.steps says so. Throws ConfigError naming place and key where rows
/// cannot be divided among `world_size` ranks and micro-batches.
std::vector<Stage> plan_stages(const Resolved<RunConfig>& resolved, int64_t world_size);

/// A key with the place where it, or the first of what is below it, was given:
/// "run.yaml:3:5: stages.long.rows".
std::string placed(const YamlNode& tree, std::string_view key);

/// Index of the stage of step (from 0).
size_t stage_of(const std::vector<Stage>& stages, int64_t step);

/// Tokens of the first `steps` steps.
int64_t tokens_before(const std::vector<Stage>& stages, int64_t steps);

/// Where a schedule ends that does not say so: the end of the run, in its unit.
int64_t default_horizon(const ScheduleConfig& schedule, const std::vector<Stage>& stages);

}  // namespace reka::train
