#include "reka/blocks/block.h"

namespace reka {

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
