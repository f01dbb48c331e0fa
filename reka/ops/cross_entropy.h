#pragma once

#include <ATen/core/Tensor.h>

namespace reka::ops {

/// Loss of the next token, summed over a row; the caller divides by the global count.
struct CrossEntropy {
  at::Tensor sum;     // scalar fp32, differentiable: sum of target_weight * loss
  at::Tensor losses;  // [tokens] fp32 in nats, without gradient; 0 where target_weight is 0
};

/// Of logits = hidden weight^T, computed in chunks of tokens that are never all there; the gradient
/// is computed on the way. Tokens of weight 0 cost nothing on the CPU. hidden [tokens, dim], weight
/// [vocab, dim], targets [tokens] int64, target_weight [tokens] fp32.
CrossEntropy linear_cross_entropy(const at::Tensor& hidden, const at::Tensor& weight,
                                  const at::Tensor& targets, const at::Tensor& target_weight);

}  // namespace reka::ops
