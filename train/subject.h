#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "reka/model/model.h"
#include "train/config.h"
#include "train/optimizer/adamw.h"
#include "train/optimizer/parameters.h"
#include "train/step.h"

namespace reka::train {

/// What is trained: a model on a device, its trainable parameters in flat buffers, its optimizer.
struct Subject {
  Model model{nullptr};
  std::unique_ptr<FlatParameters> parameters;
  std::vector<NamedParameter> frozen;
  std::unique_ptr<AdamW> optimizer;
  at::Device device = at::kCPU;

  /// Loss of the next token over a micro-batch.
  LossFunction loss() const;
};

/// The device that the config names, for this process. Throws ConfigError where there is none.
at::Device pick_device(const RunConfig& config, int64_t local_rank);

/// The precision that the config names on this device.
at::ScalarType pick_precision(const RunConfig& config, const at::Device& device);

/// Builds the model with weights that depend on run.seed alone, or those of init_from unless they
/// will be overwritten (`resumes`). Throws ConfigError (a freeze that fits nothing) and
/// CheckpointError (init_from).
Subject make_subject(const RunConfig& config, int64_t vocab_size, const at::Device& device,
                     bool resumes);

}  // namespace reka::train
