#include "reka/fusion/cross_attention.h"

#include "reka/ops/attention.h"

namespace reka {

GateImpl::GateImpl() {
  weight = register_parameter("weight", fp32_weight({1}, 0));
}

at::Tensor GateImpl::forward(const at::Tensor& x) {
  return weight.tanh().to(x.scalar_type()) * x;
}

GatedCrossAttentionLayerImpl::GatedCrossAttentionLayerImpl(const Shape& shape) : shape_(shape) {
  const LinearOptions inner{.init_std = shape.init_std};
  const LinearOptions outer{.init_std = shape.output_std};
  const auto q_rows = shape.num_heads * shape.head_dim;
  const auto kv_rows = 2 * shape.num_kv_heads * shape.head_dim;
  attention_norm_ = register_module("attention_norm", RmsNorm(shape.dim, shape.norm_eps));
  query_ = register_module("query", Linear(shape.dim, q_rows, inner));
  key_value_ = register_module("key_value", Linear(shape.dim, kv_rows, inner));
  output_ = register_module("output", Linear(q_rows, shape.dim, outer));
  query_norm_ = register_module("query_norm", RmsNorm(shape.head_dim, shape.norm_eps));
  key_norm_ = register_module("key_norm", RmsNorm(shape.head_dim, shape.norm_eps));
  attention_gate_ = register_module("attention_gate", Gate());
  feed_forward_norm_ = register_module("feed_forward_norm", RmsNorm(shape.dim, shape.norm_eps));
  feed_forward_ = register_module(
      "feed_forward", SwiGluFeedForward(FeedForwardOptions{.dim = shape.dim,
                                                           .hidden = shape.hidden,
                                                           .init_std = shape.init_std,
                                                           .output_std = shape.output_std}));
  feed_forward_gate_ = register_module("feed_forward_gate", Gate());
}

MediaKeys GatedCrossAttentionLayerImpl::keys(const at::Tensor& states) {
  const auto G = shape_.num_kv_heads;
  const auto kv = key_value_(states).view({-1, 2 * G, shape_.head_dim});  // [P, 2 G, K]
  return {.k = key_norm_(kv.narrow(1, 0, G).contiguous()), .v = kv.narrow(1, G, G).contiguous()};
}

at::Tensor GatedCrossAttentionLayerImpl::forward(const at::Tensor& x, const MediaKeys& media,
                                                 const ops::AttentionLayout& layout) {
  const auto q = query_(attention_norm_(x)).view({-1, shape_.num_heads, shape_.head_dim});
  const auto attended = ops::attention(query_norm_(q), media.k, media.v, layout);
  const auto h = x + attention_gate_(output_(attended.flatten(1)));
  return h + feed_forward_gate_(feed_forward_(feed_forward_norm_(h)));
}

}  // namespace reka
