#pragma once

#include <string_view>
#include <vector>

#include "reka/blocks/embedding.h"
#include "reka/blocks/linear.h"
#include "reka/encoders/encoder.h"

namespace reka {

struct VitConfig {
  static constexpr std::string_view kName = "vit";
  TransformerConfig transformer;
  int64_t patch = 8;
  Choice positions{"sin_cos", {"sin_cos", "learned"}};

  void describe(auto& field) {
    field("patch", patch, "pixels on each side of a patch, one position of the encoder",
          between(1, 4096));
    transformer.describe(field);
    field("positions", positions,
          "where a patch is: fixed waves of its row and column, or learned vectors of both");
  }
};

/// Vision transformer, Dosovitskiy et al. 2020, arXiv:2010.11929, with the blocks of the decoder.
/// Fixed positions: half of the width for the row, half for the column (He et al. 2021,
/// arXiv:2111.06377); learned ones: a vector for each row plus one for each column (Dehghani et al.
/// 2023, arXiv:2307.06304).
class VitImpl : public torch::nn::Module {
 public:
  /// `tile_size` bounds the rows and columns of learned positions; `recompute` as in Transformer.
  VitImpl(const VitConfig& config, int64_t tile_size, bool recompute = false);

  /// pictures: [tiles, 3, height, width] each, sides divisible by the patch; all tiles go through
  /// in one call. One item for each tile, with a grid of height / patch x width / patch.
  Features forward(const std::vector<at::Tensor>& pictures);

  int64_t width() const { return config_.transformer.width; }

 private:
  at::Tensor patches(const at::Tensor& picture) const;
  at::Tensor grid_positions(const Grid& grid, const at::Device& device);

  VitConfig config_;
  Linear patch_{nullptr};                     // [width, 3 patch patch]
  Embedding row_{nullptr}, column_{nullptr};  // empty for sin_cos
  Transformer transformer_{nullptr};
};
TORCH_MODULE(Vit);

}  // namespace reka
