#include "reka/encoders/encoder.h"

#include <cmath>

#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <torch/nn/modules/container/modulelist.h>

namespace reka {

std::vector<GridRun> runs_of_grids(const std::vector<Grid>& grids) {
  std::vector<GridRun> runs;
  for (const auto& grid : grids) {
    if (runs.empty() || runs.back().grid != grid) runs.push_back({.grid = grid});
    ++runs.back().items;
  }
  return runs;
}

std::vector<int64_t> Features::starts() const {
  std::vector<int64_t> starts{0};
  for (const auto& grid : grids) starts.push_back(starts.back() + grid.positions());
  return starts;
}

TransformerImpl::TransformerImpl(const TransformerConfig& config, bool recompute)
    : recompute_(recompute) {
  const auto output_std = residual_std(config.init_std, config.num_layers);
  const BlockOptions options{.attention = {.dim = config.width,
                                           .num_heads = config.num_heads,
                                           .num_kv_heads = config.num_heads,
                                           .head_dim = config.width / config.num_heads,
                                           .init_std = config.init_std,
                                           .output_std = output_std},
                             .feed_forward = {.dim = config.width,
                                              .hidden = config.hidden,
                                              .init_std = config.init_std,
                                              .output_std = output_std},
                             .norm_eps = config.norm_eps};
  const auto list = register_module("blocks", torch::nn::ModuleList());
  for (int64_t layer = 0; layer < config.num_layers; ++layer) {
    blocks_.emplace_back(options);
    list->push_back(blocks_.back());
  }
  norm_ = register_module("norm", RmsNorm(config.width, config.norm_eps));
}

at::Tensor TransformerImpl::forward(const at::Tensor& x, const std::vector<int64_t>& starts) {
  const AttentionInput input{.layout = bidirectional_layout(starts)};
  auto y = x;
  for (const auto& block : blocks_) {
    const auto run = [held = block.ptr(), input](const auto& in) {
      return held->forward(in[0], input);
    };
    y = run_layer(*block, recompute_, run, {y});
  }
  return norm_(y);
}

at::Tensor waves(const at::Tensor& positions, int64_t width, double span) {
  const auto half = width / 2;
  const auto rates =
      (at::arange(half, positions.options()) * (span / static_cast<double>(half))).exp();
  const auto angles = positions.unsqueeze(1) * rates;
  return at::cat({angles.sin(), angles.cos()}, 1);  // [count, width]
}

at::Tensor cells_of(const at::Tensor& rows, const at::Tensor& columns) {
  const auto row = rows.unsqueeze(1).expand({-1, columns.size(0), -1});
  const auto column = columns.unsqueeze(0).expand({rows.size(0), -1, -1});
  return at::cat({row, column}, 2).flatten(0, 1);
}

at::Tensor sinusoid(int64_t count, int64_t width, const at::Device& device) {
  const auto options = at::TensorOptions(at::kFloat).device(device);
  return waves(at::arange(count, options), width, -std::log(10000.0));
}

}  // namespace reka
