#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace reka {

enum class Modality : uint8_t { kText, kImage, kVideo, kAudio };

inline constexpr std::array<std::string_view, 4> kModalityNames = {"text", "image", "video",
                                                                   "audio"};

inline std::string_view modality_name(Modality modality) {
  return kModalityNames[static_cast<size_t>(modality)];
}

/// The size of one media item, known without decoding it. Its length in tokens is a function of
/// this and of the model's configuration, so shards do not depend on the model.
struct Geometry {
  int32_t width = 0;   // pixels; image, video
  int32_t height = 0;  // pixels; image, video
  int32_t frames = 0;  // video
  double seconds = 0;  // video, audio; exact to a sample for clips of any length

  bool operator==(const Geometry&) const = default;
};

}  // namespace reka
