#include "reka/encoders/vit.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>

namespace reka {

VitImpl::VitImpl(const VitConfig& config, int64_t tile_size, bool recompute) : config_(config) {
  const auto& shape = config.transformer;
  patch_ =
      register_module("patch", Linear(3 * config.patch * config.patch, shape.width,
                                      LinearOptions{.bias = true, .init_std = shape.init_std}));
  if (config.positions == "learned") {
    const auto side = tile_size / config.patch;
    row_ = register_module("row", Embedding(side, shape.width, shape.init_std));
    column_ = register_module("column", Embedding(side, shape.width, shape.init_std));
  }
  transformer_ = register_module("transformer", Transformer(shape, recompute));
}

at::Tensor VitImpl::patches(const at::Tensor& picture) const {
  const auto P = config_.patch;
  TORCH_CHECK(picture.dim() == 4 && picture.size(1) == 3 && picture.size(2) % P == 0 &&
                  picture.size(3) % P == 0,
              "vit: picture is ", picture.sizes(),
              ": must be [tiles, 3, height, width] with sides "
              "divisible by ",
              P);
  const auto rows = picture.size(2) / P;
  const auto columns = picture.size(3) / P;
  return picture.view({picture.size(0), 3, rows, P, columns, P})
      .permute({0, 2, 4, 1, 3, 5})
      .reshape({picture.size(0) * rows * columns, 3 * P * P});
}

at::Tensor VitImpl::grid_positions(const Grid& grid, const at::Device& device) {
  const auto width = config_.transformer.width;
  if (row_.is_empty()) {
    const auto fixed = [&](int64_t count) { return sinusoid(count, width / 2, device); };
    return cells_of(fixed(grid.rows), fixed(grid.columns));
  }
  const auto limit = row_->weight.size(0);
  TORCH_CHECK(grid.rows <= limit && grid.columns <= limit, "vit: a grid of ", grid.rows, " x ",
              grid.columns, " patches: learned positions go up to ", limit);
  const auto options = at::TensorOptions(at::kLong).device(device);
  const auto row = row_(at::arange(grid.rows, options)).unsqueeze(1);
  const auto column = column_(at::arange(grid.columns, options)).unsqueeze(0);
  return (row + column).flatten(0, 1);
}

Features VitImpl::forward(const std::vector<at::Tensor>& pictures) {
  Features features;
  std::vector<at::Tensor> pixels, positions;
  for (const auto& picture : pictures) {
    const Grid grid{.rows = picture.size(2) / config_.patch,
                    .columns = picture.size(3) / config_.patch};
    pixels.push_back(patches(picture));
    positions.push_back(grid_positions(grid, picture.device()).repeat({picture.size(0), 1}));
    features.grids.insert(features.grids.end(), static_cast<size_t>(picture.size(0)), grid);
  }
  const auto dtype = patch_->weight.scalar_type();
  const auto x = patch_(at::cat(pixels).to(dtype)) + at::cat(positions).to(dtype);
  features.values = transformer_(x, features.starts());
  return features;
}

}  // namespace reka
