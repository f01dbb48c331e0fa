#pragma once

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include "reka/blocks/attention.h"
#include "reka/blocks/feed_forward.h"
#include "reka/blocks/norm.h"

namespace reka {

struct BlockOptions {
  AttentionOptions attention;
  FeedForwardOptions feed_forward;
  double norm_eps = 1e-5;
};

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
