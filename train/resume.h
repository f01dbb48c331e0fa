#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "reka/base/reader.h"
#include "reka/model/model_folder.h"
#include "reka/parallel/group.h"
#include "reka/weights/checkpoint.h"
#include "train/config.h"
#include "train/curriculum.h"
#include "train/state.h"
#include "train/subject.h"

namespace reka::train {

/// The newest whole checkpoint of a run, or nothing; all ranks take the first one's.
std::filesystem::path find_checkpoint(const std::filesystem::path& folder, Group& group);

/// A key whose value differs.
struct ChangedKey {
  std::string key, now, before;
};

/// In the order of `now`, then what only `before` has.
std::vector<ChangedKey> changed_keys(const YamlNode& now, const YamlNode& before);

/// Tells of each key that differs from the config.yaml of the checkpoint -> these. Throws
/// ConfigError for one that makes another model of the same weights.
std::vector<ChangedKey> tell_changes(const Resolved<RunConfig>& now,
                                     const std::filesystem::path& checkpoint);

/// load_checkpoint; an error names the keys of the model that were changed.
TrainState load_resumed(const std::filesystem::path& checkpoint, Subject& subject,
                        const std::vector<ChangedKey>& changes);

/// Tells in which keys `config.model` differs from the model whose weights a run begins with.
/// Throws ConfigError as tell_changes.
void tell_init_changes(const RunConfig& config, const ModelFolder& weights);

/// RUN/resumed/step-N: what Trace needs of the checkpoint that a run goes on from, which may be
/// removed later. What is there of later steps was given up.
inline constexpr const char* kResumedFolder = "resumed";
void keep_resumed(const std::filesystem::path& run, const std::filesystem::path& checkpoint);

/// Folders with config.yaml and state.json: the checkpoints of a run and what is kept of others,
/// one for each step, in their order. Throws CheckpointError: a checkpoint is damaged.
std::vector<CheckpointPlace> known_states(const std::filesystem::path& run);

/// Whether log.jsonl has no held-out losses of this step, for which there are samples.
bool lacks_held_out(const RunConfig& config, const std::vector<Stage>& stages, int64_t step);

/// A line where the learning rate of the step behind `state`, `next`, is well above that of the
/// last one, or nothing: train.steps was raised, so that a schedule without a horizon goes back.
std::string raised_learning_rate(const RunConfig& config, const TrainState& state, double next);

/// Whether nothing is left to do for a run that is saved at `step`, as log.jsonl and about.json
/// say: the same on all ranks, and told.
bool is_complete(const RunConfig& config, const std::vector<Stage>& stages, int64_t step,
                 bool wants_samples, Group& group);

}  // namespace reka::train
