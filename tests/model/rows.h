#pragma once

#include <vector>

#include "reka/model/layout.h"
#include "reka/model/model.h"
#include "tests/support/testing.h"

namespace reka::testing {

/// A piece of a document: text of that many tokens, or a media item.
struct Piece {
  int64_t text = 0;
  Modality modality = Modality::kText;
  Geometry geometry;
};

inline Piece text(int64_t tokens) {
  return {.text = tokens};
}
inline Piece picture(int32_t width, int32_t height) {
  return {.modality = Modality::kImage, .geometry = {.width = width, .height = height}};
}
inline Piece clip(int32_t frames, float seconds) {
  return {.modality = Modality::kVideo,
          .geometry = {.width = 20, .height = 20, .frames = frames, .seconds = seconds}};
}
inline Piece sound(float seconds) {
  return {.modality = Modality::kAudio, .geometry = {.seconds = seconds}};
}

/// Random values of the shape that decoding gives.
inline at::Tensor media_values(const ModelConfig& config, const Piece& piece) {
  const auto side = config.input.image.tile_size;
  if (piece.modality == Modality::kAudio) {
    return torch::randn({config.input.audio.mels, mel_frames(piece.geometry)});
  }
  const auto items =
      piece.modality == Modality::kImage
          ? tile_grid(piece.geometry, config.input.image).num_tiles()
          : static_cast<int64_t>(sampled_times(piece.geometry, config.input.video).size());
  return torch::randn({items, 3, side, side});
}

/// A row of documents with random tokens, placeholders and media included.
inline Input make_row(const ModelConfig& config, const std::vector<std::vector<Piece>>& documents) {
  Input input{.sequence = {.starts = {0}}};
  std::vector<at::Tensor> positions;
  for (const auto& document : documents) {
    auto end = input.sequence.starts.back();
    for (const auto& piece : document) {
      end += piece.text;
      if (piece.modality == Modality::kText) continue;
      MediaInput item{.modality = piece.modality,
                      .values = media_values(config, piece),
                      .document = input.sequence.documents()};
      const auto layout = media_layout(config, piece.modality, piece.geometry);
      for (int64_t run = 0; run < layout.runs; ++run) {
        if (run > 0) ++end;  // a token of text between frames
        item.runs.push_back({.begin = end, .length = layout.tokens_per_run});
        end += layout.tokens_per_run;
      }
      input.media.push_back(item);
    }
    positions.push_back(torch::arange(end - input.sequence.starts.back()));
    input.sequence.starts.push_back(end);
    input.sequence.prefix_lengths.push_back(0);
  }
  input.sequence.positions = torch::cat(positions);
  input.tokens = torch::randint(50, {input.sequence.tokens()});
  return input;
}

/// Document `d` of a row as a row of its own.
inline Input alone(const Input& row, int64_t d) {
  const auto begin = row.sequence.starts[d];
  const auto length = row.sequence.starts[d + 1] - begin;
  Input input{.tokens = row.tokens.narrow(0, begin, length),
              .sequence = {.positions = row.sequence.positions.narrow(0, begin, length),
                           .starts = {0, length},
                           .prefix_lengths = {row.sequence.prefix_lengths[d]}}};
  for (auto item : row.media) {
    if (item.document != d) continue;
    item.document = 0;
    for (auto& run : item.runs) run.begin -= begin;
    input.media.push_back(item);
  }
  return input;
}

/// Every medium, small enough for a test.
inline ModelConfig small_model(FusionConfig fusion) {
  const TransformerConfig encoder{
      .width = 24, .num_layers = 2, .num_heads = 2, .hidden = 32, .init_std = 0.2};
  ModelConfig config;
  config.decoder = {
      .dim = 32, .num_layers = 3, .num_heads = 4, .num_kv_heads = 2, .hidden = 48, .init_std = 0.2};
  config.image = VitConfig{.transformer = encoder, .patch = 4};
  config.video = VideoConfig{.init_std = 0.2};
  config.audio = WhisperConfig{.transformer = encoder};
  config.fusion = std::move(fusion);
  config.input.image.tile_size = 16;
  config.input.image.max_tiles = 4;
  config.input.video.num_frames = 4;
  config.input.audio.mels = 8;
  return config;
}

inline std::vector<FusionConfig> small_fusions() {
  return {ResamplerConfig{.num_queries = 3,
                          .audio_queries = 2,
                          .audio_seconds = 0.2,
                          .width = 24,
                          .num_heads = 2,
                          .hidden = 32,
                          .init_std = 0.2},
          PoolMlpConfig{.grid = 2, .audio_tokens = 3, .audio_seconds = 0.2, .init_std = 0.2},
          GatedCrossAttentionConfig{.layers = {1, 2}, .init_std = 0.2}};
}

/// With every gate open, so that nothing hides behind a zero.
inline Model make_model(const ModelConfig& config, double gate = 0.7) {
  torch::manual_seed(1);
  Model model(config, 50);
  const torch::NoGradGuard no_grad;
  for (auto& item : model->named_parameters()) {
    if (item.key().find("gate.weight") != std::string::npos) item.value().fill_(gate);
  }
  return model;
}

}  // namespace reka::testing
