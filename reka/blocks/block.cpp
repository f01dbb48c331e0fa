#include "reka/blocks/block.h"

#include <algorithm>

namespace reka {

at::Tensor run_layer(const torch::nn::Module& layer, bool recompute,
                     const ops::RecomputedFunction& forward,
                     const std::vector<at::Tensor>& inputs) {
  const auto trains = [](const std::vector<at::Tensor>& tensors) {
    return std::any_of(tensors.begin(), tensors.end(),
                       [](const at::Tensor& x) { return x.requires_grad(); });
  };
  if (!recompute || !(trains(inputs) || trains(layer.parameters()))) return forward(inputs);
  return ops::recompute(forward, inputs);
}

BlockImpl::BlockImpl(const BlockOptions& options) {
  const auto dim = options.attention.dim;
  attention_norm_ = register_module("attention_norm", RmsNorm(dim, options.norm_eps));
  attention_ = register_module("attention", GroupedAttention(options.attention));
  feed_forward_norm_ = register_module("feed_forward_norm", RmsNorm(dim, options.norm_eps));
  feed_forward_ = register_module("feed_forward", SwiGluFeedForward(options.feed_forward));
}

at::Tensor BlockImpl::forward(const at::Tensor& x, const AttentionInput& input, int64_t layer) {
  const auto h = x + attention_(attention_norm_(x), input, layer);
  return h + feed_forward_(feed_forward_norm_(h));
}

}  // namespace reka
