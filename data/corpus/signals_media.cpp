#include <algorithm>
#include <array>
#include <cmath>

#include "data/corpus/signals.h"

namespace reka::data {
namespace {

// Of several media that one counts which a rule would look for.
constexpr std::array<SignalColumn, 11> kMediaColumns = {{
    {"media.items", 1, "pictures, clips and sounds"},
    {"media.caption_characters", 1, "characters of the text beside media"},
    {"media.side", 1, "pixels of the shortest side of a picture or clip"},
    {"media.aspect", 1, "longer over shorter side of a picture or clip: the largest"},
    {"media.shortest_seconds", 1, "length of the shortest clip or sound"},
    {"media.longest_seconds", 1, "length of the longest clip or sound"},
    {"media.blur", 1,
     "variance of the Laplacian of a picture, or of a clip's middle frame: the least; low is "
     "blurred"},
    {"media.scene_cuts", 1,
     "frames of a clip whose content differs from the one before by 27 or more, at least 15 frames "
     "apart: the most"},
    {"media.difference", 1,
     "mean content difference of a clip's neighbouring frames: the least; low stands still"},
    {"media.loudness", 1, "LUFS of a sound by EBU R 128, mono at 16 kHz: the least"},
    {"media.silence", 1, "share of a sound's windows of 20 ms below -50 dB: the largest"},
}};
constexpr size_t kFirstDecoded = 6;

// Not a number: none yet.
void take_least(float& value, float other) {
  if (std::isnan(value) || other < value) value = other;
}
void take_most(float& value, float other) {
  if (std::isnan(value) || other > value) value = other;
}

void compute_media(const SignalText& text, std::span<float> values) {
  if (text.media.empty()) return;
  values[0] = static_cast<float>(text.media.size());
  values[1] = static_cast<float>(text.caption_characters);
  for (const auto& [geometry, measures] : text.media) {
    const auto [shorter, longer] = std::minmax(geometry.width, geometry.height);
    if (shorter > 0) {
      take_least(values[2], static_cast<float>(shorter));
      take_most(values[3], static_cast<float>(longer) / static_cast<float>(shorter));
    }
    if (geometry.seconds > 0) {
      take_least(values[4], static_cast<float>(geometry.seconds));
      take_most(values[5], static_cast<float>(geometry.seconds));
    }
    take_least(values[6], measures.blur);
    take_most(values[7], measures.scene_cuts);
    take_least(values[8], measures.difference);
    take_least(values[9], measures.loudness);
    take_most(values[10], measures.silence);
  }
}

}  // namespace

SignalFamily media_signals() {
  return {kMediaColumns, compute_media};
}

bool needs_decoded_media(std::string_view name) {
  const auto decoded = std::span(kMediaColumns).subspan(kFirstDecoded);
  return std::ranges::any_of(decoded, [&](const auto& column) { return column.name == name; });
}

}  // namespace reka::data
