#include "train/telemetry/flops.h"

#include <vector>

namespace reka::train {
namespace {

constexpr double kPerWeight = 6;      // 2 forward, 4 backward
constexpr double kPerAttention = 12;  // two products of 2, three times

struct Positions {
  double count = 0;  // positions
  double pairs = 0;  // of positions that see each other

  void add(double items, double length) {
    count += items * length;
    pairs += items * length * length;
  }
};

/// A medium after its encoder, as the fusion takes it.
struct Encoded {
  const MediaInput* input = nullptr;
  double items = 0;  // tiles, pooled frames or windows
  int64_t positions = 0;
  double soft_tokens = 0;
};

/// The media of one encoder.
struct Media {
  double width = 0;
  std::vector<Encoded> list;
};

double transformer_flops(const TransformerConfig& config, const Positions& positions) {
  const auto width = static_cast<double>(config.width);
  const auto matrices = width * (4 * width + 3 * static_cast<double>(config.hidden));
  return static_cast<double>(config.num_layers) *
         (kPerWeight * matrices * positions.count + kPerAttention * width * positions.pairs);
}

double decoder_flops(const DecoderConfig& config, int64_t vocab_size, const Batch& batch) {
  const auto dim = static_cast<double>(config.dim);
  const auto heads = static_cast<double>(config.num_heads * config.head_size());
  const auto kv_heads = static_cast<double>(config.num_kv_heads * config.head_size());
  const auto matrices = 2 * dim * (heads + kv_heads) + 3 * dim * static_cast<double>(config.hidden);
  Positions positions;
  const auto& starts = batch.input.sequence.starts;
  for (size_t d = 0; d + 1 < starts.size(); ++d) {
    positions.add(1, static_cast<double>(starts[d + 1] - starts[d]));
  }
  const auto block =
      kPerWeight * matrices * positions.count + kPerAttention * heads * positions.pairs / 2;
  const auto head = kPerWeight * dim * static_cast<double>(vocab_size) * batch.weight;
  return static_cast<double>(config.num_layers) * block + head;
}

double soft_tokens(const MediaInput& item) {
  int64_t count = 0;
  for (const auto& run : item.runs) count += run.length;
  return static_cast<double>(count);
}

/// Pictures and frames; notes them in `media`.
double image_flops(const ModelConfig& config, const Batch& batch, Media& media) {
  const auto& encoder = std::get<VitConfig>(*config.image);
  const auto patch = encoder.patch;
  media.width = static_cast<double>(encoder.transformer.width);
  Positions positions;
  for (const auto& item : batch.input.media) {
    if (item.modality == Modality::kAudio) continue;
    const auto tile = item.values.size(2) / patch * (item.values.size(3) / patch);
    positions.add(static_cast<double>(item.values.size(0)), static_cast<double>(tile));
    const auto pooled = item.modality == Modality::kVideo ? static_cast<int64_t>(item.runs.size())
                                                          : item.values.size(0);
    media.list.push_back({&item, static_cast<double>(pooled), pooled * tile, soft_tokens(item)});
  }
  const auto pixels = static_cast<double>(3 * patch * patch);
  return kPerWeight * pixels * media.width * positions.count +
         transformer_flops(encoder.transformer, positions);
}

/// Sounds; notes them in `media`.
double audio_flops(const ModelConfig& config, const Batch& batch, Media& media) {
  const auto& encoder = std::get<WhisperConfig>(*config.audio);
  const auto counts = token_counts(config.fusion);
  const auto mels = static_cast<double>(config.input.audio.mels);
  media.width = static_cast<double>(encoder.transformer.width);
  Positions positions;
  double frames = 0;
  for (const auto& item : batch.input.media) {
    if (item.modality != Modality::kAudio) continue;
    const auto length = (item.values.size(1) + 1) / 2;
    frames += static_cast<double>(item.values.size(1));
    positions.add(1, static_cast<double>(length));
    const auto soft = soft_tokens(item);
    const auto windows = counts.soft ? soft / static_cast<double>(counts.window.positions()) : 1;
    media.list.push_back({&item, windows, length, soft});
  }
  const auto convolutions =
      3 * media.width * (mels * frames + media.width * positions.count);  // of width 3
  return kPerWeight * convolutions + transformer_flops(encoder.transformer, positions);
}

double resampler_flops(const ResamplerConfig& config, double dim, const Media& media) {
  const auto width = static_cast<double>(config.width);
  double positions = 0, queries = 0, pairs = 0;
  for (const auto& item : media.list) {
    const auto length = static_cast<double>(item.positions);
    positions += length;
    queries += item.soft_tokens;
    pairs += item.soft_tokens * length / item.items;
  }
  const auto keys = 2 * width * width * positions;
  const auto others = width * (2 * width + 3 * static_cast<double>(config.hidden)) * queries;
  return static_cast<double>(config.num_layers) *
             (kPerWeight * (keys + others) + kPerAttention * width * pairs) +
         kPerWeight * width * (media.width * positions + dim * queries);
}

double pool_mlp_flops(double dim, const Media& media) {
  double soft = 0;
  for (const auto& item : media.list) soft += item.soft_tokens;
  return kPerWeight * dim * (media.width + dim) * soft;
}

double gated_flops(const GatedCrossAttentionConfig& config, const DecoderConfig& decoder,
                   const Batch& batch, const std::vector<const Media*>& encoders) {
  const auto dim = static_cast<double>(decoder.dim);
  const auto heads = static_cast<double>(decoder.num_heads * decoder.head_size());
  const auto kv_heads = static_cast<double>(decoder.num_kv_heads * decoder.head_size());
  double projection = 0;
  std::vector<StateRange> ranges;
  int64_t begin = 0;
  for (const auto* media : encoders) {
    for (const auto& item : media->list) {
      projection += media->width * dim * static_cast<double>(item.positions);
      const auto of_run = item.positions / static_cast<int64_t>(item.input->runs.size());
      for (const auto& run : item.input->runs) {
        ranges.push_back({.token = run.begin, .begin = begin, .end = begin + of_run});
        begin += of_run;
      }
    }
  }
  const auto cross = cross_layout(std::move(ranges), batch.input.sequence, 0);
  double pairs = 0;
  for (int64_t d = 0; d < cross.layout.documents(); ++d) {
    pairs += static_cast<double>(cross.layout.queries(d) * cross.layout.keys(d));
  }
  const auto keys = 2 * kv_heads * dim * static_cast<double>(begin);
  const auto others = dim * (2 * heads + 3 * static_cast<double>(decoder.hidden)) *
                      static_cast<double>(cross.tokens.size());
  return static_cast<double>(config.layers.size()) *
             (kPerWeight * (keys + others) + kPerAttention * heads * pairs) +
         kPerWeight * projection;
}

double fusion_flops(const ModelConfig& config, const Batch& batch, const Media& vision,
                    const Media& sound) {
  const auto dim = static_cast<double>(config.decoder.dim);
  if (const auto* resampler = std::get_if<ResamplerConfig>(&config.fusion)) {
    return resampler_flops(*resampler, dim, vision) + resampler_flops(*resampler, dim, sound);
  }
  if (std::holds_alternative<PoolMlpConfig>(config.fusion)) {
    return pool_mlp_flops(dim, vision) + pool_mlp_flops(dim, sound);
  }
  const auto& gated = std::get<GatedCrossAttentionConfig>(config.fusion);
  return gated_flops(gated, config.decoder, batch, {&vision, &sound});
}

}  // namespace

double model_flops(const ModelConfig& config, int64_t vocab_size, const Batch& batch) {
  auto flops = decoder_flops(config.decoder, vocab_size, batch);
  if (batch.input.media.empty()) return flops;
  Media vision, sound;
  if (config.image) flops += image_flops(config, batch, vision);
  if (config.audio) flops += audio_flops(config, batch, sound);
  return flops + fusion_flops(config, batch, vision, sound);
}

}  // namespace reka::train
