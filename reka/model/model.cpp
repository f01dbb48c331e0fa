#include "reka/model/model.h"

#include <algorithm>
#include <set>

#include "reka/base/error.h"

namespace reka {
namespace {

FusionShape fusion_shape(const ModelConfig& config) {
  const auto& decoder = config.decoder;
  FusionShape shape{.decoder = {.dim = decoder.dim,
                                .num_heads = decoder.num_heads,
                                .num_kv_heads = decoder.num_kv_heads,
                                .head_dim = decoder.head_size(),
                                .hidden = decoder.hidden,
                                .norm_eps = decoder.norm_eps},
                    .num_layers = decoder.num_layers,
                    .recompute = decoder.recompute};
  if (config.image) shape.vision_width = std::get<VitConfig>(*config.image).transformer.width;
  if (config.audio) shape.audio_width = std::get<WhisperConfig>(*config.audio).transformer.width;
  return shape;
}

// What the encoders made of an item must fill its runs exactly.
void check_room(const MediaInput& item, const TokenCounts& counts, int64_t items_per_run,
                const Grid& tokens) {
  const auto room = counts.soft ? items_per_run * tokens.positions() : 1;
  for (const auto& run : item.runs) {
    TORCH_CHECK(run.length == room, "model: ", modality_name(item.modality), " of ",
                item.values.sizes(), " makes ", room, " tokens in a run, the row has ", run.length);
  }
}

void append_runs(EncodedMedia& encoded, const MediaInput& item, int64_t items_per_run) {
  encoded.runs.insert(encoded.runs.end(), item.runs.begin(), item.runs.end());
  encoded.run_items.insert(encoded.run_items.end(), item.runs.size(), items_per_run);
}

}  // namespace

int64_t ModelConfig::patch() const {
  return std::get<VitConfig>(*image).patch;
}

bool ModelConfig::gated_layers_fit() const {
  const auto* gated = std::get_if<GatedCrossAttentionConfig>(&fusion);
  if (gated == nullptr) return true;
  const std::set<int64_t> different(gated->layers.begin(), gated->layers.end());
  return different.size() == gated->layers.size() && *different.rbegin() < decoder.num_layers;
}

bool ModelConfig::takes(Modality modality) const {
  switch (modality) {
    case Modality::kText:
      return true;
    case Modality::kImage:
      return image.has_value();
    case Modality::kVideo:
      return video.has_value();
    case Modality::kAudio:
      return audio.has_value();
  }
  return false;
}

ModelImpl::ModelImpl(const ModelConfig& config, int64_t vocab_size)
    : config_(config), counts_(token_counts(config.fusion)) {
  const auto recompute = config.decoder.recompute;
  decoder_ = register_module("decoder", Decoder(config.decoder, vocab_size));
  if (config.image) {
    image_ = register_module(
        "image", Vit(std::get<VitConfig>(*config.image), config.input.image.tile_size, recompute));
  }
  if (config.video) {
    const VideoImpl::Shape shape{.width = image_->width(),
                                 .max_frames = config.input.video.num_frames,
                                 .pooling = config.input.video.temporal_pooling};
    video_ = register_module("video", Video(*config.video, shape));
  }
  if (config.audio) {
    audio_ = register_module("audio", Whisper(std::get<WhisperConfig>(*config.audio),
                                              config.input.audio.mels, recompute));
  }
  if (config.image || config.audio) {
    fusion_ = register_module("fusion", make_fusion(config.fusion, fusion_shape(config)));
  }
}

at::Tensor ModelImpl::forward(const Input& input, Memory* memory) {
  auto* cache = memory == nullptr ? nullptr : &memory->cache;
  FusedRow row{.embedded = decoder_->embed(input.tokens), .between = {}};
  const auto remembers = memory != nullptr && memory->media.positions() > 0;
  if (!input.media.empty() || remembers) {
    row = fusion_->fuse(row.embedded, encode(input.media), input.sequence,
                        memory == nullptr ? nullptr : &memory->media);
  }
  return decoder_->forward(row.embedded, input.sequence, cache, row.between);
}

Memory ModelImpl::make_memory(int64_t capacity) const {
  return {.cache = decoder_->make_cache(capacity), .media = {}};
}

PassMedia ModelImpl::encode(const std::vector<MediaInput>& media) {
  for (const auto& item : media) {
    const auto name = modality_name(item.modality);
    if (!config_.takes(item.modality)) {
      throw ConfigError("model.{}: is not given: the model takes no {}", name, name);
    }
  }
  return {.vision = encode_vision(media), .audio = encode_audio(media)};
}

// Tiles of all pictures, then frames of all clips, in one call of the image encoder.
EncodedMedia ModelImpl::encode_vision(const std::vector<MediaInput>& media) {
  EncodedMedia encoded;
  std::vector<at::Tensor> pixels;
  std::vector<int64_t> clips;
  int64_t tiles = 0;
  for (const auto& item : media) {
    if (item.modality != Modality::kImage) continue;
    pixels.push_back(item.values);
    tiles += item.values.size(0);
    check_room(item, counts_, item.values.size(0), counts_.picture);
    append_runs(encoded, item, item.values.size(0));
  }
  for (const auto& item : media) {
    if (item.modality != Modality::kVideo) continue;
    pixels.push_back(item.values);
    clips.push_back(item.values.size(0));
    const auto pooling = config_.input.video.temporal_pooling;
    TORCH_CHECK(static_cast<int64_t>(item.runs.size()) == (clips.back() + pooling - 1) / pooling,
                "model: a video of ", clips.back(), " frames has ", item.runs.size(), " runs");
    check_room(item, counts_, 1, counts_.picture);
    append_runs(encoded, item, 1);
  }
  if (pixels.empty()) return encoded;
  encoded.features = image_(pixels);
  if (!clips.empty()) encoded.features = with_frames(encoded.features, tiles, clips);
  return encoded;
}

Features ModelImpl::with_frames(const Features& encoded, int64_t tiles,
                                const std::vector<int64_t>& clips) {
  const auto begin = encoded.starts()[tiles];
  const auto middle = encoded.grids.begin() + tiles;
  const Features frames{.values = encoded.values.slice(0, begin),
                        .grids = {middle, encoded.grids.end()}};
  auto pooled = video_(frames, clips);
  if (tiles == 0) return pooled;
  Features all{.values = at::cat({encoded.values.narrow(0, 0, begin), pooled.values}),
               .grids = {encoded.grids.begin(), middle}};
  all.grids.insert(all.grids.end(), pooled.grids.begin(), pooled.grids.end());
  return all;
}

EncodedMedia ModelImpl::encode_audio(const std::vector<MediaInput>& media) {
  EncodedMedia encoded;
  std::vector<at::Tensor> clips;
  std::vector<int64_t> windows;
  for (const auto& item : media) {
    if (item.modality != Modality::kAudio) continue;
    clips.push_back(item.values);
    windows.push_back(1);
    if (counts_.soft) {
      // The row knows the length of the sound; the decoded frames may differ from it by a few.
      windows.back() = std::max<int64_t>(1, item.runs.front().length / counts_.window.positions());
    }
    check_room(item, counts_, windows.back(), counts_.window);
    append_runs(encoded, item, windows.back());
  }
  if (!clips.empty()) encoded.features = split_windows(audio_(clips), windows);
  return encoded;
}

std::vector<std::pair<std::string, int64_t>> parameters_by_part(const torch::nn::Module& model) {
  std::vector<std::pair<std::string, int64_t>> parts;
  for (const auto& child : model.named_children()) {
    parts.emplace_back(child.key(), count_parameters(*child.value()));
  }
  return parts;
}

}  // namespace reka
