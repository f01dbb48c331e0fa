#pragma once

#include <cstdint>
#include <limits>
#include <span>

#include <ATen/core/Tensor.h>

namespace reka::data {

/// What decoding tells of a medium; not a number: a medium of its kind does not have it. Their
/// meaning is that of the signals "media.*" (data/corpus/signals.h).
struct MediaMeasures {
  static constexpr float kNone = std::numeric_limits<float>::quiet_NaN();

  float blur = kNone;
  float scene_cuts = kNone;
  float difference = kNone;
  float loudness = kNone;
  float silence = kNone;
};

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

/// frame [3, H, W] uint8 -> [3, 128, 128], each pixel the mean over its area: what frames of clips
/// are compared as.
at::Tensor small_frame(const at::Tensor& frame);

}  // namespace reka::data
