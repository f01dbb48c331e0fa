#include "reka/model/layout.h"

#include <fmt/format.h>

#include "reka/base/error.h"

namespace reka {
namespace {

// Changes when the functions below give other layouts for the same configuration.
constexpr int kLayoutVersion = 2;

MediaLayout video_layout(const ModelConfig& config, const TokenCounts& counts,
                         const Geometry& geometry) {
  const auto& rule = config.input.video;
  MediaLayout layout{.runs = 0, .tokens_per_run = counts.soft ? counts.picture.positions() : 1};
  const auto times = sampled_times(geometry, rule);
  for (size_t i = 0; i < times.size(); i += static_cast<size_t>(rule.temporal_pooling)) {
    ++layout.runs;
    if (rule.timestamps) layout.times.push_back(times[i]);
  }
  return layout;
}

}  // namespace

MediaLayout media_layout(const ModelConfig& config, Modality modality, const Geometry& geometry) {
  const auto name = modality_name(modality);
  if (modality == Modality::kText || !config.takes(modality)) {
    throw ConfigError("model.{}: is not given: the model takes no {}", name, name);
  }
  const auto most = config.input.audio.max_seconds;
  if (modality == Modality::kAudio && geometry.seconds > most) {
    throw DataError("audio: is {:.1f} s long: must be at most {} s (model.input.audio.max_seconds)",
                    geometry.seconds, most);
  }
  const auto counts = token_counts(config.fusion);
  if (modality == Modality::kVideo) return video_layout(config, counts, geometry);
  if (!counts.soft) return {.runs = 1, .tokens_per_run = 1, .times = {}};
  if (modality == Modality::kAudio) {
    return {.runs = 1,
            .tokens_per_run = counts.windows(geometry.seconds) * counts.window.positions(),
            .times = {}};
  }
  const auto grid = tile_grid(geometry, config.input.image);
  return {.runs = 1, .tokens_per_run = grid.num_tiles() * counts.picture.positions(), .times = {}};
}

std::string layout_rule(const ModelConfig& config) {
  const auto counts = token_counts(config.fusion);
  auto rule = fmt::format("v{}", kLayoutVersion);
  if (config.image) {
    rule += fmt::format(" image tile={} most={} tokens={}", config.input.image.tile_size,
                        config.input.image.max_tiles, counts.soft ? counts.picture.positions() : 0);
  }
  if (config.video) {
    const auto& video = config.input.video;
    rule += fmt::format(" video frames={} pooling={} times={}", video.num_frames,
                        video.temporal_pooling, video.timestamps);
  }
  if (config.audio) {
    rule += fmt::format(" audio tokens={} seconds={} most={}",
                        counts.soft ? counts.window.positions() : 0, counts.window_seconds,
                        config.input.audio.max_seconds);
  }
  return rule;
}

}  // namespace reka
