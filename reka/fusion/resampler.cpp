#include "reka/fusion/resampler.h"

#include <cmath>
#include <numbers>

#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <torch/nn/modules/container/modulelist.h>

#include "reka/blocks/block.h"
#include "reka/blocks/init.h"
#include "reka/ops/attention.h"

namespace reka {
namespace {

ops::AttentionLayout latent_layout(const std::vector<int64_t>& starts, int64_t queries) {
  ops::AttentionLayout layout{.kv_starts = starts};
  for (size_t i = 0; i < starts.size(); ++i) {
    layout.q_starts.push_back(static_cast<int64_t>(i) * queries);
  }
  for (int64_t i = 0; i + 1 < static_cast<int64_t>(starts.size()); ++i) {
    layout.prefixes.push_back(layout.keys(i));
  }
  return layout;
}

/// The middles of `count` equal parts of [0, 1] -> [count, width].
at::Tensor line_waves(int64_t count, int64_t width, const at::Device& device) {
  const auto options = at::TensorOptions(at::kFloat).device(device);
  const auto middles =
      (at::arange(count, options) + 0.5) * (std::numbers::pi / static_cast<double>(count));
  return waves(middles, width, std::log(64.0));
}

at::Tensor waves_of_all(const std::vector<Grid>& grids, int64_t width, const at::Device& device) {
  std::vector<at::Tensor> parts;
  for (const auto& run : runs_of_grids(grids)) {
    parts.push_back(place_waves(run.grid, width, device).repeat({run.items, 1}));
  }
  return at::cat(parts);
}

}  // namespace

Grid squarest_grid(int64_t cells) {
  auto rows = static_cast<int64_t>(std::sqrt(static_cast<double>(cells)));
  while (cells % rows != 0) --rows;
  return {.rows = rows, .columns = cells / rows};
}

at::Tensor place_waves(const Grid& grid, int64_t width, const at::Device& device) {
  return cells_of(line_waves(grid.rows, width / 2, device),
                  line_waves(grid.columns, width / 2, device));
}

ResamplerLayerImpl::ResamplerLayerImpl(const ResamplerConfig& config)
    : num_heads_(config.num_heads) {
  const auto W = config.width;
  const LinearOptions inner{.init_std = config.init_std};
  const LinearOptions outer{.init_std = residual_std(config.init_std, config.num_layers)};
  const LinearOptions places{.init_std = 1 / std::sqrt(static_cast<double>(W))};
  feature_norm_ = register_module("feature_norm", RmsNorm(W, config.norm_eps));
  query_norm_ = register_module("query_norm", RmsNorm(W, config.norm_eps));
  query_ = register_module("query", Linear(W, W, places));
  key_ = register_module("key", Linear(W, W, places));
  value_ = register_module("value", Linear(W, W, inner));
  output_ = register_module("output", Linear(W, W, outer));
  feed_forward_norm_ = register_module("feed_forward_norm", RmsNorm(W, config.norm_eps));
  feed_forward_ = register_module(
      "feed_forward", SwiGluFeedForward(FeedForwardOptions{.dim = W,
                                                           .hidden = config.hidden,
                                                           .init_std = inner.init_std,
                                                           .output_std = outer.init_std}));
  const at::NoGradGuard no_grad;
  key_->weight.copy_(query_->weight);
}

at::Tensor ResamplerLayerImpl::forward(const at::Tensor& x, const at::Tensor& q,
                                       const Places& places, const ops::AttentionLayout& layout) {
  const auto H = num_heads_;
  const auto K = q.size(1) / H;
  const auto features = feature_norm_(x);
  const auto heads = [&](const at::Tensor& y) { return y.view({-1, H, K}); };
  const auto attended =
      ops::attention(heads(query_(query_norm_(q) + places.queries)),
                     heads(key_(features + places.keys)), heads(value_(features)), layout);
  const auto h = q + output_(attended.flatten(1));
  return h + feed_forward_(feed_forward_norm_(h));
}

std::shared_ptr<SoftTokens> ResamplerConfig::build(const SoftTokensShape& shape) const {
  return std::make_shared<Resampler>(*this, shape);
}

Resampler::Resampler(const ResamplerConfig& config, const SoftTokensShape& shape)
    : tokens_(shape.tokens), recompute_(shape.recompute) {
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
  const auto layout = latent_layout(features.starts(), queries_.size(0));
  const auto x = input_(features.values);
  const auto width = x.size(1);
  auto q = queries_.repeat({features.items(), 1});
  const Places places{.keys = waves_of_all(features.grids, width, x.device()).to(x.scalar_type()),
                      .queries = place_waves(tokens_, width, x.device())
                                     .repeat({features.items(), 1})
                                     .to(x.scalar_type())};
  for (const auto& layer : layers_) {
    const auto run = [layer = layer.ptr(), places, layout](const auto& in) {
      return layer->forward(in[0], in[1], places, layout);
    };
    q = run_layer(*layer, recompute_, run, {x, q});
  }
  return output_(norm_(q));
}

}  // namespace reka
