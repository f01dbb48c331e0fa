#include "reka/fusion/resampler.h"

#include <ATen/ops/cat.h>
#include <torch/nn/modules/container/modulelist.h>

#include "reka/blocks/init.h"
#include "reka/ops/attention.h"

namespace reka {
namespace {

std::vector<int64_t> even_starts(int64_t items, int64_t length) {
  std::vector<int64_t> starts;
  for (int64_t i = 0; i <= items; ++i) starts.push_back(i * length);
  return starts;
}

// Features of item i, then its queries, for each item.
std::vector<int64_t> joined_starts(const std::vector<int64_t>& starts, int64_t queries) {
  auto joined = starts;
  for (size_t i = 0; i < joined.size(); ++i) joined[i] += static_cast<int64_t>(i) * queries;
  return joined;
}

ops::AttentionLayout cross_layout(const std::vector<int64_t>& starts, int64_t queries) {
  const auto items = static_cast<int64_t>(starts.size()) - 1;
  ops::AttentionLayout layout{.q_starts = even_starts(items, queries),
                              .kv_starts = joined_starts(starts, queries)};
  for (int64_t i = 0; i < items; ++i) layout.prefixes.push_back(layout.keys(i));
  return layout;
}

}  // namespace

ResamplerLayerImpl::ResamplerLayerImpl(const ResamplerConfig& config)
    : num_heads_(config.num_heads) {
  const auto W = config.width;
  const LinearOptions inner{.init_std = config.init_std};
  const LinearOptions outer{.init_std = residual_std(config.init_std, config.num_layers)};
  feature_norm_ = register_module("feature_norm", RmsNorm(W, config.norm_eps));
  query_norm_ = register_module("query_norm", RmsNorm(W, config.norm_eps));
  query_ = register_module("query", Linear(W, W, inner));
  key_value_ = register_module("key_value", Linear(W, 2 * W, inner));
  output_ = register_module("output", Linear(W, W, outer));
  feed_forward_norm_ = register_module("feed_forward_norm", RmsNorm(W, config.norm_eps));
  feed_forward_ = register_module(
      "feed_forward", SwiGluFeedForward(FeedForwardOptions{.dim = W,
                                                           .hidden = config.hidden,
                                                           .init_std = inner.init_std,
                                                           .output_std = outer.init_std}));
}

at::Tensor ResamplerLayerImpl::keys_and_values(const at::Tensor& x, const at::Tensor& q,
                                               const std::vector<int64_t>& starts) {
  const auto items = static_cast<int64_t>(starts.size()) - 1;
  const auto queries = q.size(0) / items;
  const auto features = key_value_(feature_norm_(x));
  const auto latents = key_value_(query_norm_(q));
  std::vector<at::Tensor> parts;
  for (int64_t i = 0; i < items; ++i) {
    parts.push_back(features.narrow(0, starts[i], starts[i + 1] - starts[i]));
    parts.push_back(latents.narrow(0, i * queries, queries));
  }
  return at::cat(parts);
}

at::Tensor ResamplerLayerImpl::forward(const at::Tensor& x, const at::Tensor& q,
                                       const std::vector<int64_t>& starts) {
  const auto H = num_heads_;
  const auto K = q.size(1) / H;
  const auto queries = q.size(0) / (static_cast<int64_t>(starts.size()) - 1);
  const auto kv = keys_and_values(x, q, starts).view({-1, 2 * H, K});
  const auto attended = ops::attention(query_(query_norm_(q)).view({-1, H, K}), kv.narrow(1, 0, H),
                                       kv.narrow(1, H, H), cross_layout(starts, queries));
  const auto h = q + output_(attended.flatten(1));
  return h + feed_forward_(feed_forward_norm_(h));
}

std::shared_ptr<SoftTokens> ResamplerConfig::build(const SoftTokensShape& shape) const {
  return std::make_shared<Resampler>(*this, shape);
}

Resampler::Resampler(const ResamplerConfig& config, const SoftTokensShape& shape) {
  const LinearOptions options{.bias = true, .init_std = config.init_std};
  input_ = register_module("input", Linear(shape.width, config.width, options));
  queries_ = register_parameter(
      "queries", normal_weight({shape.tokens.positions(), config.width}, config.init_std));
  const auto list = register_module("layers", torch::nn::ModuleList());
  for (int64_t layer = 0; layer < config.num_layers; ++layer) {
    layers_.emplace_back(config);
    list->push_back(layers_.back());
  }
  norm_ = register_module("norm", RmsNorm(config.width, config.norm_eps));
  output_ = register_module(
      "output", Linear(config.width, shape.dim, LinearOptions{.init_std = config.init_std}));
}

at::Tensor Resampler::forward(const Features& features) {
  const auto starts = features.starts();
  const auto x = input_(features.values);
  auto q = queries_.repeat({features.items(), 1});
  for (auto& layer : layers_) q = layer(x, q, starts);
  return output_(norm_(q));
}

}  // namespace reka
