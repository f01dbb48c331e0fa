#pragma once

#include <memory>
#include <string>

#include <ATen/core/Tensor.h>

#include "eval/model_scorer.h"

namespace reka::commands {

/// "fp32" or "bf16". Throws ConfigError.
at::ScalarType precision_named(const std::string& name);

/// What showing a few held-out items may take.
inline constexpr double kShowSeconds = 4;

/// A model in memory with its tokenizer and the rules of its media.
eval::Subject subject_of(const Model& model,
                         const std::shared_ptr<const data::Tokenizer>& tokenizer);

/// A MODEL opened for use: its weights, its tokenizer, its media. Throws CheckpointError,
/// DataError.
eval::Subject open_subject(const std::string& path, const std::string& device,
                           const std::string& precision);

}  // namespace reka::commands
