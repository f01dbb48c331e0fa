#include "train/telemetry/flops.h"

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

}  // namespace

double model_flops(const ModelConfig& config, int64_t vocab_size, const Batch& batch) {
  Positions vision, sound;
  for (const auto& item : batch.input.media) {
    const auto items = static_cast<double>(item.values.size(0));
    if (item.modality == Modality::kAudio) {
      sound.add(1, static_cast<double>(item.values.size(1)) / 2);
      continue;
    }
    const auto patch = config.patch();
    vision.add(items, static_cast<double>(item.values.size(2) / patch) *
                          static_cast<double>(item.values.size(3) / patch));
  }
  auto flops = decoder_flops(config.decoder, vocab_size, batch);
  if (config.image) {
    flops += transformer_flops(std::get<VitConfig>(*config.image).transformer, vision);
  }
  if (config.audio) {
    flops += transformer_flops(std::get<WhisperConfig>(*config.audio).transformer, sound);
  }
  return flops;
}

}  // namespace reka::train
