#include "reka/model/cost.h"

namespace reka {
namespace {

/// `items` sequences of `length` positions.
double transformer_flops(const TransformerConfig& config, double items, double length) {
  const auto width = static_cast<double>(config.width);
  const auto matrices = width * (4 * width + 3 * static_cast<double>(config.hidden));
  const auto layers = static_cast<double>(config.num_layers);
  return layers * items * length * (2 * matrices + 4 * width * length);
}

double tiles_flops(const ModelConfig& config, int64_t tiles) {
  const auto& encoder = std::get<VitConfig>(*config.image);
  const auto side = config.input.image.tile_size / encoder.patch;
  return transformer_flops(encoder.transformer, static_cast<double>(tiles),
                           static_cast<double>(side * side));
}

}  // namespace

double media_flops(const ModelConfig& config, Modality modality, const Geometry& geometry) {
  switch (modality) {
    case Modality::kImage:
      return tiles_flops(config, tile_grid(geometry, config.input.image).num_tiles());
    case Modality::kVideo:
      return tiles_flops(config,
                         static_cast<int64_t>(sampled_times(geometry, config.input.video).size()));
    case Modality::kAudio: {
      const auto& encoder = std::get<WhisperConfig>(*config.audio);
      const auto positions = (mel_frames(geometry) + 1) / 2;
      return transformer_flops(encoder.transformer, 1, static_cast<double>(positions));
    }
    case Modality::kText:
      break;
  }
  return 0;
}

double row_flops(const ModelConfig& config, int64_t row_tokens) {
  const auto& decoder = config.decoder;
  const auto dim = static_cast<double>(decoder.dim);
  const auto heads =
      static_cast<double>(2 * (decoder.num_heads + decoder.num_kv_heads) * decoder.head_size());
  const auto weights = dim * (heads + 3 * static_cast<double>(decoder.hidden));
  return 2 * static_cast<double>(decoder.num_layers) * weights * static_cast<double>(row_tokens);
}

}  // namespace reka
