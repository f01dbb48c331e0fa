#pragma once

#include "reka/model/input.h"
#include "reka/model/model.h"

namespace reka::train {

/// Floating-point operations that the model needs for a micro-batch, forward and backward: 6 for
/// each weight of a matrix and position it is applied to, 12 head_size for each pair of positions
/// that attend to each other and head (half of them for causal text). What is recomputed and what
/// frozen weights save is not counted; nor are pooling and the head's tokens without a target.
double model_flops(const ModelConfig& config, int64_t vocab_size, const Batch& batch);

}  // namespace reka::train
