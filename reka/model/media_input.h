#pragma once

#include <cstdint>
#include <vector>

#include "reka/base/config.h"
#include "reka/base/media.h"

namespace reka {

/// How pictures become tensors (data/media), agreed with the encoder. Tiling: paper.md 3.4.
struct ImageInputConfig {
  int64_t tile_size = 64;
  int64_t max_tiles = 1;
  std::vector<double> mean = {0.485, 0.456, 0.406};
  std::vector<double> deviation = {0.229, 0.224, 0.225};

  void describe(auto& field) {
    field("tile_size", tile_size, "pixels on each side of a tile", between(1, 65536));
    field("max_tiles", max_tiles, "most tiles of one picture, the whole picture not counted",
          between(1, 4096));
    field("mean", mean, "of red, green, blue in [0, 1], subtracted");
    field("deviation", deviation, "of red, green, blue in [0, 1], divided by");
    field.rule("mean", mean.size() == 3, "must have 3 values");
    field.rule("deviation", deviation.size() == 3, "must have 3 values");
    field.rule("deviation", std::ranges::all_of(deviation, [](double one) { return one > 0; }),
               "must be above 0");
  }
};

/// How clips become frames; each frame is one tile of the image encoder.
struct VideoInputConfig {
  int64_t num_frames = 8;
  int64_t temporal_pooling = 1;
  bool timestamps = true;

  void describe(auto& field) {
    field("num_frames", num_frames, "frames sampled evenly from a clip, fewer if it is shorter",
          between(1, 65536));
    field("temporal_pooling", temporal_pooling, "frames averaged into one run of soft tokens",
          positive);
    field("timestamps", timestamps, "write each frame's time as text before its soft tokens");
    field.rule("temporal_pooling", num_frames % temporal_pooling == 0, "must divide num_frames");
  }
};

/// How sound becomes log-mel: 16 kHz mono, 25 ms window, 10 ms hop (Whisper).
struct AudioInputConfig {
  int64_t mels = 80;
  double max_seconds = 30;

  void describe(auto& field) {
    field("mels", mels, "mel bands", between(1, 4096));
    field("max_seconds", max_seconds, "longer clips are refused", positive, between(0, 86400));
  }
};

/// What the audio encoder is given.
inline constexpr int64_t kSampleRate = 16000;  // Hz, mono
inline constexpr int64_t kMelHop = 160;        // samples from one mel frame to the next

struct MediaInputConfig {
  ImageInputConfig image;
  VideoInputConfig video;
  AudioInputConfig audio;

  void describe(auto& field) {
    field("image", image, "pictures to tiles");
    field("video", video, "clips to frames");
    field("audio", audio, "sound to log-mel");
  }
};

// The shapes of MediaInput::values, from the geometry alone: rows are planned before anything is
// decoded.

/// The grid into which a picture is cut. With more than one tile the whole picture follows them.
struct TileGrid {
  int64_t rows = 1;
  int64_t columns = 1;

  int64_t num_tiles() const { return rows * columns == 1 ? 1 : rows * columns + 1; }
  bool operator==(const TileGrid&) const = default;
};

/// n = min(ceil(area / tile area), max_tiles); of all columns x rows = n, or n + 1 where that is
/// allowed, the one whose log(columns / rows) is nearest to log(width / height); of equal ones that
/// with fewer tiles, then fewer columns. n = 1: the picture is one tile, stretched to a square.
TileGrid tile_grid(const Geometry& image, const ImageInputConfig& config);

/// Seconds after the first frame at which a clip is looked at: the middles of n equal parts,
/// n = num_frames, or the frames of a shorter clip rounded up to a multiple of temporal_pooling.
std::vector<float> sampled_times(const Geometry& video, const VideoInputConfig& config);

/// Columns of the log-mel of a clip, one for each 10 ms begun, at least 2.
int64_t mel_frames(const Geometry& audio);

}  // namespace reka
