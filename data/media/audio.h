#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "reka/base/media.h"

namespace reka::data {

// `name` stands first in the DataErrors of everything here.

/// The best sound track of a file (Ogg, WAV, MP3, FLAC, MP4, ...) -> mono at 16 kHz, clamped to
/// [-1, 1]: channels mixed down by FFmpeg's weights (stereo: the mean), then resampled; of n
/// samples ceil(n 16000 / rate). Chained parts follow each other. At most an hour.
std::vector<float> decode_audio(std::span<const std::byte> bytes, std::string_view name);

/// Seconds of decode_audio's samples; only decoding tells them exactly.
Geometry read_audio_geometry(std::span<const std::byte> bytes, std::string_view name);

}  // namespace reka::data
