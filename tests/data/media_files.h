#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <ATen/core/Tensor.h>

namespace reka::testing {

/// tests/golden/media/NAME: its path and its bytes. tests/peers/pictures.py and mel.py write them.
std::filesystem::path golden_path(std::string_view name);
std::string golden(std::string_view name);

/// The picture of tests/peers/pictures.py: RGB uint8 [3, height, width].
at::Tensor pattern(int64_t width, int64_t height);

/// |a - b| at its largest, in double.
double largest_difference(const at::Tensor& a, const at::Tensor& b);

/// The lowest bytes of the value, the lowest first.
void append(std::string& bytes, uint64_t value, int count);

/// Sine waves, one for each channel, as 16-bit WAV.
struct Wave {
  int rate = 16000;
  int samples = 8000;
  std::vector<double> amplitudes = {0.5};
  double hz = 440;
};
std::string wav(const Wave& wave);

/// Frames of one colour each, as WebM: colours [frames][red, green, blue].
std::string colour_clip(const std::vector<std::array<int, 3>>& colours, int width, int height,
                        int frames_per_second);

}  // namespace reka::testing
