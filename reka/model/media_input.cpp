#include "reka/model/media_input.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace reka {

TileGrid tile_grid(const Geometry& image, const ImageInputConfig& config) {
  const auto area = int64_t{image.width} * image.height;
  const auto tile_area = config.tile_size * config.tile_size;
  const auto count = std::min((area + tile_area - 1) / tile_area, config.max_tiles);
  if (count <= 1) return {};
  const auto aspect = std::log(static_cast<double>(image.width) / image.height);
  TileGrid best;
  auto best_distance = std::numeric_limits<double>::infinity();
  for (auto tiles = count; tiles <= std::min(count + 1, config.max_tiles); ++tiles) {
    for (int64_t columns = 1; columns <= tiles; ++columns) {
      if (tiles % columns != 0) continue;
      const auto rows = tiles / columns;
      const auto distance =
          std::abs(aspect - std::log(static_cast<double>(columns) / static_cast<double>(rows)));
      if (distance < best_distance - 1e-9) {
        best = {.rows = rows, .columns = columns};
        best_distance = distance;
      }
    }
  }
  return best;
}

std::vector<float> sampled_times(const Geometry& video, const VideoInputConfig& config) {
  const auto pooling = config.temporal_pooling;
  const auto frames = (std::max<int64_t>(video.frames, 1) + pooling - 1) / pooling * pooling;
  const auto count = std::min(config.num_frames, frames);
  std::vector<float> times;
  for (int64_t n = 0; n < count; ++n) {
    const auto middle = (static_cast<double>(n) + 0.5) / static_cast<double>(count);
    times.push_back(static_cast<float>(video.seconds * middle));
  }
  return times;
}

int64_t mel_frames(const Geometry& audio) {
  const auto samples = std::llround(audio.seconds * kSampleRate);
  return std::max<int64_t>((samples + kMelHop - 1) / kMelHop, 2);
}

}  // namespace reka
