#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <ATen/core/Tensor.h>

#include "data/item.h"

namespace reka::data {

/// One measure of a medium; the version changes with its definition.
struct MediaMeasure {
  std::string_view name;
  int version = 1;
  std::string_view meaning;
};

/// All measures, in the order of measure_media's values.
std::span<const MediaMeasure> media_measures();
size_t media_measure(std::string_view name);  // its place

/// Decodes a medium and measures it; NaN for what a medium of its kind does not have. Throws
/// DataError: it cannot be decoded.
std::vector<float> measure_media(const MediaFile& file);

/// image [3, H, W] uint8 -> variance of the Laplacian of its grey values (0.299 R + 0.587 G +
/// 0.114 B, rounded), with neighbours [0 1 0; 1 -4 1; 0 1 0] and edges mirrored (... 2 1 | 0 1 2).
double laplacian_variance(const at::Tensor& image);

/// Integrated loudness by EBU R 128, in LUFS, of mono samples at 16 kHz; -infinity for silence.
double integrated_loudness(std::span<const float> samples);

/// Share of whole windows of 20 ms whose root mean square is below -50 dB of full scale.
double silence_share(std::span<const float> samples);

/// How much two frames [3, H, W] uint8 of one size differ: the mean absolute difference of hue (in
/// half degrees), saturation and value (0 ... 255), averaged over the three, as PySceneDetect's
/// content detector has it.
double content_difference(const at::Tensor& before, const at::Tensor& after);

/// Frames that differ from the one before by at least 27, at least 15 frames apart.
int64_t count_scene_cuts(std::span<const double> differences);

}  // namespace reka::data
