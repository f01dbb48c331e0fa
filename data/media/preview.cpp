#include "data/media/preview.h"

#include <algorithm>
#include <vector>

#include <ATen/TensorOperators.h>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>

#include "data/media/bytes.h"
#include "data/media/image.h"
#include "data/media/video.h"
#include "reka/base/error.h"
#include "reka/base/files.h"

namespace reka::data {
namespace {

constexpr int64_t kPreviewSide = 128;
constexpr size_t kMostSoundBytes = 256 << 10;

std::string png_of(const at::Tensor& image) {
  const auto longer = std::max({image.size(1), image.size(2), kPreviewSide});
  const auto side = [&](int64_t pixels) {
    return std::max<int64_t>(1, pixels * kPreviewSide / longer);
  };
  const auto small = resize_image(image, side(image.size(1)), side(image.size(2)));
  // [H, W, 3], blue first.
  const auto pixels = small.flip(0).permute({1, 2, 0}).contiguous();
  const cv::Mat mat(static_cast<int>(pixels.size(0)), static_cast<int>(pixels.size(1)), CV_8UC3,
                    pixels.mutable_data_ptr<uint8_t>());
  std::vector<uint8_t> png;
  cv::imencode(".png", mat, png);
  return {png.begin(), png.end()};
}

std::string sound_type(Bytes bytes) {
  if (has_at(bytes, 0, "OggS")) return "audio/ogg";
  if (has_at(bytes, 0, "RIFF")) return "audio/wav";
  if (has_at(bytes, 0, "fLaC")) return "audio/flac";
  return has_at(bytes, 0, "ID3") || has_at(bytes, 0, "\xff") ? "audio/mpeg" : "audio/mp4";
}

}  // namespace

Figure preview_of(const MediaFile& file) {
  const auto bytes = as_bytes(file.bytes);
  if (file.modality == Modality::kAudio) {
    if (file.bytes.size() > kMostSoundBytes) return {};
    return {.media_type = sound_type(bytes), .bytes = file.bytes};
  }
  try {
    if (file.modality == Modality::kImage) {
      return {.media_type = "image/png", .bytes = png_of(decode_image(bytes, file.name))};
    }
    constexpr float kFirst = 0;
    return {.media_type = "image/png",
            .bytes = png_of(decode_frames(bytes, {&kFirst, 1}, file.name).front())};
  } catch (const DataError&) {
    return {};
  }
}

}  // namespace reka::data
