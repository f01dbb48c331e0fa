#include "train/generated.h"

#include <algorithm>
#include <random>

#include <ATen/ATen.h>

#include "data/batch/row.h"
#include "reka/base/error.h"
#include "reka/base/random.h"
#include "reka/model/layout.h"

namespace reka::train {
namespace {

constexpr int64_t kWords = 16;  // tokens of text with a medium

Geometry largest(const ModelConfig& config, Modality modality) {
  const auto side = config.input.image.tile_size;
  const auto tiles = modality == Modality::kImage ? config.input.image.max_tiles : 1;
  Geometry geometry = {.width = static_cast<int32_t>(side * tiles),
                       .height = static_cast<int32_t>(side)};
  geometry.frames = static_cast<int32_t>(config.input.video.num_frames);
  const auto seconds =
      modality == Modality::kAudio
          ? std::min(token_counts(config.fusion).window_seconds, config.input.audio.max_seconds)
          : static_cast<double>(geometry.frames);
  geometry.seconds = static_cast<float>(seconds);
  return geometry;
}

/// In the shape that decoding gives.
at::Tensor random_values(const ModelConfig& config, Modality modality, const Geometry& geometry) {
  if (modality == Modality::kAudio) {
    return at::randn({config.input.audio.mels, mel_frames(geometry)});
  }
  const auto side = config.input.image.tile_size;
  const auto items = modality == Modality::kImage
                         ? tile_grid(geometry, config.input.image).num_tiles()
                         : static_cast<int64_t>(sampled_times(geometry, config.input.video).size());
  return at::randn({items, 3, side, side});  // [items, colours, height, width]
}

class Generator {
 public:
  Generator(const ModelConfig& config, const GeneratedRows& shape)
      : config_(config), shape_(shape), random_(shape.seed) {}

  data::RowDocument text(int64_t tokens) {
    data::RowDocument document;
    add_words(document.example, tokens);
    return finished(std::move(document));
  }

  /// A token, a run of the medium, ...; then words.
  data::RowDocument medium(Modality modality) {
    const auto geometry = largest(config_, modality);
    const auto layout = media_layout(config_, modality, geometry);
    data::RowDocument document;
    MediaInput item = {.modality = modality, .values = random_values(config_, modality, geometry)};
    auto& tokens = document.example.tokens;
    for (int64_t run = 0; run < layout.runs; ++run) {
      add_words(document.example, 1);
      item.runs.push_back({static_cast<int64_t>(tokens.size()), layout.tokens_per_run});
      tokens.resize(tokens.size() + static_cast<size_t>(layout.tokens_per_run));
      document.example.predicted.resize(tokens.size());
    }
    add_words(document.example, kWords);
    document.media.push_back(std::move(item));
    document.info.modality = modality;
    return finished(std::move(document));
  }

 private:
  void add_words(data::Example& example, int64_t tokens) {
    for (int64_t i = 0; i < tokens; ++i) {
      example.tokens.push_back(
          static_cast<int32_t>(uniform_below(random_(), static_cast<uint64_t>(shape_.vocab_size))));
      example.predicted.push_back(1);
    }
  }

  data::RowDocument finished(data::RowDocument document) {
    document.example.length = static_cast<int64_t>(document.example.tokens.size());
    document.info.sample_id = random_();
    return document;
  }

  const ModelConfig& config_;
  const GeneratedRows& shape_;
  std::mt19937_64 random_;
};

}  // namespace

Batch generated_batch(const ModelConfig& config, const GeneratedRows& shape) {
  Generator generator(config, shape);
  std::vector<Modality> media = {Modality::kImage, Modality::kVideo, Modality::kAudio};
  std::erase_if(media,
                [&](Modality modality) { return shape.text_only || !config.takes(modality); });
  data::BatchBuilder builder(0);
  for (int64_t row = 0; row < shape.rows; ++row) {
    const auto end = (row + 1) * shape.row_tokens;
    for (const auto modality : media) {
      auto document = generator.medium(modality);
      if (document.example.length > shape.row_tokens) {
        throw ConfigError("data.sequence_length = {}: a generated {} has {} tokens: must hold it",
                          shape.row_tokens, modality_name(modality), document.example.length);
      }
      if (builder.tokens() + document.example.length <= end) builder.add(std::move(document));
    }
    if (builder.tokens() < end) builder.add(generator.text(end - builder.tokens()));
    if (!media.empty()) std::rotate(media.begin(), media.begin() + 1, media.end());
  }
  auto batch = builder.finish();
  for (int64_t row = 0; row < shape.rows; ++row) batch.rows.push_back(row);
  return batch;
}

}  // namespace reka::train
