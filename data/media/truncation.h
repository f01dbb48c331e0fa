#pragma once

#include <cstddef>
#include <span>

namespace reka::data {

/// Whether a file ends before its container says: PNG, JPEG, RIFF (WebP, WAV, AVI), Ogg, MP4,
/// WebM. Decoders often give what is left without a word. False for formats it does not know and
/// for those of unknown length.
bool is_truncated(std::span<const std::byte> bytes);

}  // namespace reka::data
