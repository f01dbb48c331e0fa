#pragma once

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include "reka/blocks/attention.h"
#include "reka/blocks/feed_forward.h"
#include "reka/blocks/norm.h"
#include "reka/ops/recompute.h"

namespace reka {

struct BlockOptions {
  AttentionOptions attention;
  FeedForwardOptions feed_forward;
  double norm_eps = 1e-5;
};

/// forward(inputs) of a layer of a stack; with `recompute` it keeps only the inputs for the
/// backward pass, or nothing where neither they nor the layer want a gradient.
at::Tensor run_layer(const torch::nn::Module& layer, bool recompute,
                     const ops::RecomputedFunction& forward, const std::vector<at::Tensor>& inputs);

/// Pre-norm transformer block: h = x + attention(norm(x)), y = h + feed_forward(norm(h)).
class BlockImpl : public torch::nn::Module {
 public:
  explicit BlockImpl(const BlockOptions& options);

  /// x [tokens, dim] -> [tokens, dim]; `layer` is the place in the cache.
  at::Tensor forward(const at::Tensor& x, const AttentionInput& input, int64_t layer = 0);

 private:
  RmsNorm attention_norm_{nullptr};
  GroupedAttention attention_{nullptr};
  RmsNorm feed_forward_norm_{nullptr};
  SwiGluFeedForward feed_forward_{nullptr};
};
TORCH_MODULE(Block);

}  // namespace reka
