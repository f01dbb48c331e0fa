#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>

#include "reka/base/media.h"

// What every room of data knows: the lowest header, which includes none of theirs.

namespace reka::data {

enum class Split : uint8_t { kTrain, kDev, kTest };

inline constexpr std::array<std::string_view, 3> kSplitNames = {"train", "dev", "test"};

inline std::optional<Split> split_named(std::string_view name) {
  const auto found = std::ranges::find(kSplitNames, name);
  if (found == kSplitNames.end()) return std::nullopt;
  return static_cast<Split>(found - kSplitNames.begin());
}

/// One media item in its own encoding (PNG, Ogg, MP4, ...).
struct MediaFile {
  Modality modality = Modality::kImage;
  std::string bytes;
  Geometry geometry;
  std::string name;  // where it comes from, for errors and reports

  static auto members(auto& self) {
    return std::tie(self.modality, self.bytes, self.geometry, self.name);
  }
};

/// One media item of a sample: `token` is the index of its single placeholder in the tokens.
struct SampleMedia {
  Modality modality = Modality::kImage;
  Geometry geometry;
  int64_t token = 0;
  std::span<const std::byte> bytes;  // in its own encoding; a view into the shard or into a file
};

/// Tokens [begin, begin + length) that are predicted.
struct TargetRun {
  int32_t begin = 0;
  int32_t length = 0;
};

}  // namespace reka::data
