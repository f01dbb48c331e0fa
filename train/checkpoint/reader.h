#pragma once

#include <filesystem>
#include <vector>

#include "train/optimizer/parameters.h"
#include "train/state.h"

namespace reka::train {

/// Continues from a checkpoint: weights, moments and frozen weights are overwritten, and the state
/// is returned. The contents were verified before (last_good_checkpoint). Throws CheckpointError
/// naming the file and tensor where the model of the checkpoint is another.
TrainState load_checkpoint(const std::filesystem::path& folder, FlatParameters& parameters,
                           const std::vector<FrozenParameter>& frozen);

}  // namespace reka::train
