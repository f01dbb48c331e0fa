#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "reka/parallel/launch.h"
#include "train/config.h"
#include "train/curriculum.h"

namespace reka::train {

/// What a run will need on this rank, and how one step of it went.
struct DryRun {
  std::vector<std::string> notes;  // what stands in for what is absent
  int64_t vocab_size = 0;
  std::string vocab_origin;
  std::vector<std::pair<std::string, int64_t>> parameters;  // by part
  int64_t trained_parameters = 0;
  std::vector<Stage> stages;

  int64_t weight_bytes = 0;  // masters, bfloat16 copies, frozen
  int64_t gradient_bytes = 0;
  int64_t optimizer_bytes = 0;
  int64_t peak_bytes = 0;        // of the whole process, or of the GPU
  int64_t checkpoint_bytes = 0;  // its tensors

  size_t stage = 0;                     // whose step it was: most tokens at a time
  std::vector<std::string> modalities;  // of the generated rows
  double targets = 0;
  double loss = 0;
  double gradient_norm = 0;
  double seconds = 0;
};

/// Builds all of a run but its data, its journal and its checkpoints, and makes a step on generated
/// rows of text and one on rows with media: forward, backward, optimizer. It needs no shards (their
/// vocabulary is taken where they exist) and no init_from (random weights stand in for an absent
/// one), and writes nothing. Throws ConfigError as training would.
DryRun dry_run(const Resolved<RunConfig>& resolved, const Launch& launch);

/// For the terminal.
std::string to_text(const DryRun& found);

}  // namespace reka::train
