#pragma once

#include <ATen/core/Tensor.h>

#include "reka/model/model.h"

namespace reka {

/// Natural logarithm of the probability of each token given all before it in its document,
/// [tokens] fp32 on the CPU; NaN for the first of each document, which nothing predicts. The logits
/// have the precision of the model. Without gradients.
at::Tensor token_log_probabilities(Model& model, const Input& input);

/// Throws Error for one that is not finite: the model is damaged.
void expect_finite(double log_probability);

}  // namespace reka
