#include "tests/data/media_files.h"

#include <array>
#include <cmath>
#include <numbers>

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/tensor.h>

#include "data/media/clip.h"
#include "reka/base/files.h"

namespace reka::testing {
void append(std::string& bytes, uint64_t value, int count) {
  for (int n = 0; n < count; ++n) bytes.push_back(static_cast<char>(value >> (8 * n)));
}

std::filesystem::path golden_path(std::string_view name) {
  return std::filesystem::path(REKA_SOURCE_DIR) / "tests/golden/media" / name;
}

std::string golden(std::string_view name) {
  return read_file(golden_path(name));
}

at::Tensor pattern(int64_t width, int64_t height) {
  auto image = at::empty({3, height, width}, at::kByte);
  auto* out = image.mutable_data_ptr<uint8_t>();
  for (int64_t colour = 0; colour < 3; ++colour)
    for (int64_t y = 0; y < height; ++y)
      for (int64_t x = 0; x < width; ++x) {
        const std::array<int64_t, 3> value = {x * 7 + y * 3, x * x + y * 11,
                                              (x / 4 + y / 4) % 2 * 255};
        *out++ = static_cast<uint8_t>(value[static_cast<size_t>(colour)] % 256);
      }
  return image;
}

double largest_difference(const at::Tensor& a, const at::Tensor& b) {
  return (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
}

std::string wav(const Wave& wave) {
  const auto channels = wave.amplitudes.size();
  const auto data_bytes = static_cast<uint64_t>(wave.samples) * channels * 2;
  const auto rate = static_cast<uint64_t>(wave.rate);
  std::string bytes = "RIFF";
  append(bytes, 36 + data_bytes, 4);
  bytes += "WAVEfmt ";
  append(bytes, 16, 4);
  append(bytes, 1, 2);  // PCM
  append(bytes, channels, 2);
  append(bytes, rate, 4);
  append(bytes, rate * channels * 2, 4);
  append(bytes, channels * 2, 2);
  append(bytes, 16, 2);
  bytes += "data";
  append(bytes, data_bytes, 4);
  for (int n = 0; n < wave.samples; ++n)
    for (const auto amplitude : wave.amplitudes) {
      const auto phase = 2 * std::numbers::pi * wave.hz * n / wave.rate;
      append(bytes, static_cast<uint64_t>(std::lround(32767 * amplitude * std::sin(phase))), 2);
    }
  return bytes;
}

std::string colour_clip(const std::vector<std::array<int, 3>>& colours, int width, int height,
                        int frames_per_second) {
  std::vector<at::Tensor> frames;
  for (const auto& [red, green, blue] : colours)
    frames.push_back(at::tensor({red, green, blue}, at::kByte)
                         .view({3, 1, 1})
                         .expand({3, height, width})
                         .contiguous());
  return data::encode_clip(frames, frames_per_second);
}

}  // namespace reka::testing
