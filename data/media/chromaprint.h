#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace reka::data {

/// Fewer items than this tell no sound from another: about 3.6 s.
inline constexpr size_t kLeastChromaprintItems = 8;

/// Chromaprint (Lukas Lalinsky, acoustid.org; algorithm 2 of its library) of mono samples at
/// 16 kHz: an item of 32 bits for each 0.124 s, from windows of 2.6 s. None for a sound of fewer
/// than kLeastChromaprintItems. From any thread.
std::vector<uint32_t> chromaprint(std::span<const float> samples);

}  // namespace reka::data
