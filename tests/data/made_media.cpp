#include "tests/data/made_media.h"

#include <array>
#include <cmath>
#include <limits>
#include <numbers>

#include <ATen/ops/empty.h>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>

#include "data/media/clip.h"
#include "data/media/load.h"
#include "reka/base/random.h"
#include "tests/data/media_files.h"

namespace reka::testing {
namespace {

constexpr uint64_t kPoints = 24;

// ITU-T G.711: sign, exponent and four bits of mantissa, inverted.
uint8_t mu_law(int sample) {
  const int sign = sample < 0 ? 0x80 : 0;
  const int biased = std::min(std::abs(sample), 32635) + 0x84;
  int exponent = 7;
  while (exponent > 0 && (biased & (0x80 << exponent)) == 0) --exponent;
  return static_cast<uint8_t>(~(sign | exponent << 4 | (biased >> (exponent + 3) & 0x0F)));
}

// Notes of 0.3 s with four partials, fading.
double melody_at(uint64_t seed, double time) {
  constexpr double kNote = 0.3;
  const auto note = static_cast<uint64_t>(time / kNote);
  const auto hz = 220 * std::exp2(static_cast<double>(mix64(seed, note) % 25) / 12);
  const auto since = time - static_cast<double>(note) * kNote;
  double value = 0;
  for (int partial = 1; partial <= 4; ++partial) {
    value += std::sin(2 * std::numbers::pi * hz * partial * since) / partial;
  }
  return value / 2 * std::exp(-3 * since);
}

}  // namespace

at::Tensor scene(uint64_t seed, int64_t height, int64_t width, double turn) {
  auto image = at::empty({3, height, width}, at::kByte);
  auto* out = image.mutable_data_ptr<uint8_t>();
  for (int64_t y = 0; y < height; ++y) {
    for (int64_t x = 0; x < width; ++x) {
      const auto at_y = (static_cast<double>(y) + 0.5) / static_cast<double>(height);
      const auto at_x = (static_cast<double>(x) + 0.5) / static_cast<double>(width);
      uint64_t nearest = 0;
      auto least = std::numeric_limits<double>::max();
      for (uint64_t n = 0; n < kPoints; ++n) {
        const auto angle = turn * (1 + static_cast<double>(n % 3));
        const auto dy = uniform(mix64(seed, n, 0)) + 0.2 * std::sin(angle) - at_y;
        const auto dx = uniform(mix64(seed, n, 1)) + 0.2 * (std::cos(angle) - 1) - at_x;
        if (dy * dy + dx * dx >= least) continue;
        least = dy * dy + dx * dx;
        nearest = n;
      }
      for (int64_t colour = 0; colour < 3; ++colour) {
        out[(colour * height + y) * width + x] =
            static_cast<uint8_t>(mix64(seed, nearest, 2 + colour) % 256);
      }
    }
  }
  return image;
}

std::string encoded(const at::Tensor& image, const std::string& extension) {
  const auto pixels = image.flip(0).permute({1, 2, 0}).contiguous();  // [H, W, 3], blue first
  const cv::Mat mat(static_cast<int>(pixels.size(0)), static_cast<int>(pixels.size(1)), CV_8UC3,
                    pixels.mutable_data_ptr<uint8_t>());
  std::vector<uint8_t> bytes;
  cv::imencode(extension, mat, bytes, {cv::IMWRITE_JPEG_QUALITY, 70});
  return {bytes.begin(), bytes.end()};
}

data::MediaFile picture_file(const at::Tensor& image, const std::string& extension) {
  return data::make_media_file(Modality::kImage, encoded(image, extension), "picture" + extension);
}

data::MediaFile clip_file(uint64_t seed, int64_t height, int64_t width, int seconds) {
  constexpr int kRate = 4;
  std::vector<at::Tensor> frames;
  for (int n = 0; n < seconds * kRate; ++n) {
    frames.push_back(scene(seed, height, width, n / 4 * 0.7));
  }
  return data::make_media_file(Modality::kVideo, data::encode_clip(frames, kRate), "clip.webm");
}

data::MediaFile melody_file(const Melody& melody) {
  const int bytes_each = melody.mu_law ? 1 : 2;
  const auto samples = static_cast<uint64_t>(melody.seconds * melody.rate);
  const auto rate = static_cast<uint64_t>(melody.rate);
  std::string bytes = "RIFF";
  append(bytes, 36 + samples * static_cast<uint64_t>(bytes_each), 4);
  bytes += "WAVEfmt ";
  append(bytes, 16, 4);
  append(bytes, melody.mu_law ? 7 : 1, 2);
  append(bytes, 1, 2);
  append(bytes, rate, 4);
  append(bytes, rate * static_cast<uint64_t>(bytes_each), 4);
  append(bytes, static_cast<uint64_t>(bytes_each), 2);
  append(bytes, static_cast<uint64_t>(8 * bytes_each), 2);
  bytes += "data";
  append(bytes, samples * static_cast<uint64_t>(bytes_each), 4);
  for (uint64_t n = 0; n < samples; ++n) {
    const auto value = melody_at(melody.seed, static_cast<double>(n) / melody.rate);
    const auto sample = static_cast<int>(std::lround(32767 * melody.amplitude * value));
    append(bytes, melody.mu_law ? mu_law(sample) : static_cast<uint64_t>(sample), bytes_each);
  }
  return data::make_media_file(Modality::kAudio, std::move(bytes), "melody.wav");
}

data::Document decoded(data::Document document) {
  document.fingerprints.clear();
  for (const auto& file : document.media)
    document.fingerprints.push_back(data::fingerprint_of(file));
  return document;
}

data::Document captioned(data::MediaFile file, const std::string& caption,
                         const std::string& source, data::Split split) {
  data::Document document;
  document.source = source;
  document.id = caption;
  document.split = split;
  document.parts = {{.kind = data::Part::Kind::kMedia}, {.text = caption}};
  document.media.push_back(std::move(file));
  return decoded(std::move(document));
}

}  // namespace reka::testing
