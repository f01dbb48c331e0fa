#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "data/tokens/tokenizer.h"
#include "reka/model/model.h"
#include "reka/model/model_folder.h"
#include "train/config.h"
#include "train/optimizer/adamw.h"
#include "train/optimizer/parameters.h"
#include "train/step.h"

namespace reka::train {

/// What is trained: a model on a device, its trainable parameters in flat buffers, its optimizer.
struct Subject {
  Model model{nullptr};
  std::unique_ptr<FlatParameters> parameters;
  std::vector<FrozenParameter> frozen;
  std::unique_ptr<AdamW> optimizer;
  at::Device device = at::kCPU;

  /// Loss of the next token over a micro-batch.
  LossFunction loss() const;
};

/// "fp32" or "bf16".
std::string precision_name(at::ScalarType precision);

/// The precision that the config names on this device.
at::ScalarType pick_precision(const RunConfig& config, const at::Device& device);

/// Builds the model with the weights of `from`, or, when that is null, with weights that depend on
/// run.seed alone. Throws ConfigError (a freeze that fits nothing, a model larger than the memory)
/// and CheckpointError (`from`).
Subject make_subject(const RunConfig& config, int64_t vocab_size, const at::Device& device,
                     const ModelFolder* from = nullptr);

/// The weights of init_from. Throws CheckpointError; one is that `tokenizer`, that of data.shards
/// if known, is another than theirs.
ModelFolder open_init_from(const RunConfig& config, const data::Tokenizer* tokenizer);

/// Throws CheckpointError naming `weights`, with `advice`, unless the file tokenizer.model beside
/// them is that of `tokenizer`.
void expect_tokenizer(const data::Tokenizer& tokenizer, const std::filesystem::path& file,
                      const std::string& weights, const std::string& advice);

}  // namespace reka::train
