#pragma once

#include <cstdint>
#include <vector>

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include "reka/base/config.h"
#include "reka/blocks/block.h"
#include "reka/blocks/norm.h"
#include "reka/blocks/size_limits.h"

namespace reka {

/// The positions of one encoded item in row-major order; sound has one row.
struct Grid {
  int64_t rows = 1;
  int64_t columns = 1;

  int64_t positions() const { return rows * columns; }
  bool operator==(const Grid&) const = default;
};

/// Neighbours of one grid, which go through pooling or positions together.
struct GridRun {
  Grid grid;
  int64_t items = 0;
};
std::vector<GridRun> runs_of_grids(const std::vector<Grid>& grids);

/// What encoders give: items (tiles, frames, clips) laid end to end.
struct Features {
  at::Tensor values;        // [positions of all items, width]
  std::vector<Grid> grids;  // of each item

  int64_t items() const { return static_cast<int64_t>(grids.size()); }
  std::vector<int64_t> starts() const;  // items + 1 values: first 0, last = positions
};

/// The keys that all transformer encoders share.
struct TransformerConfig {
  int64_t width = 192;
  int64_t num_layers = 4;
  int64_t num_heads = 3;
  int64_t hidden = 512;
  double norm_eps = 1e-5;
  double init_std = 0.02;

  void describe(auto& field) {
    field("width", width, "width of the features", width_limit, multiple_of(4));
    field("num_layers", num_layers, "transformer blocks", layers_limit);
    field("num_heads", num_heads, "attention heads", heads_limit);
    field("hidden", hidden, "width of the feed-forward layers", hidden_limit);
    field("norm_eps", norm_eps, "added to the mean square in RMSNorm", positive);
    field("init_std", init_std, "standard deviation of new matrices", positive);
    field.rule(
        "num_heads", [this] { return width % num_heads == 0; }, "must divide width");
  }
};

/// Pre-norm blocks in which the positions of an item see each other and no other item; no rotation,
/// positions are added to the input.
class TransformerImpl : public torch::nn::Module {
 public:
  /// With `recompute`, blocks keep only their inputs for the backward pass.
  explicit TransformerImpl(const TransformerConfig& config, bool recompute = false);

  /// x [positions of all items, width], starts as in Features -> the same shape, normalised.
  at::Tensor forward(const at::Tensor& x, const std::vector<int64_t>& starts);

 private:
  bool recompute_;
  std::vector<Block> blocks_;
  RmsNorm norm_{nullptr};
};
TORCH_MODULE(Transformer);

/// sin, then cos of positions [count] times width / 2 rates, which lie geometrically from 1 to
/// below e^span -> [count, width] fp32.
at::Tensor waves(const at::Tensor& positions, int64_t width, double span);

/// rows [rows, width], columns [columns, width] -> [rows columns, 2 width]: the row of each cell of
/// a grid, then its column.
at::Tensor cells_of(const at::Tensor& rows, const at::Tensor& columns);

/// sin and cos of the positions 0 ... count - 1 at width / 2 wavelengths from 2 pi to 20000 pi,
/// [count, width] fp32. Vaswani et al. 2017, arXiv:1706.03762, section 3.5.
at::Tensor sinusoid(int64_t count, int64_t width, const at::Device& device);

}  // namespace reka
