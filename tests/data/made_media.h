#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "data/corpus/document.h"

namespace reka::testing {

/// A picture of its own for each seed, RGB uint8 [3, height, width]: cells of one colour around 24
/// points, the same in any size. `turn` moves the points, as in a clip.
at::Tensor scene(uint64_t seed, int64_t height, int64_t width, double turn = 0);

/// By OpenCV: ".png", ".jpg".
std::string encoded(const at::Tensor& image, const std::string& extension);
data::MediaFile picture_file(const at::Tensor& image, const std::string& extension = ".png");

/// Scenes that turn, as WebM.
data::MediaFile clip_file(uint64_t seed, int64_t height, int64_t width, int seconds);

/// A melody of its own for each seed as a mono WAV file: 16 bits, or 8 bits by G.711's mu-law.
struct Melody {
  uint64_t seed = 0;
  int rate = 16000;
  double seconds = 12;
  bool mu_law = false;
  double amplitude = 0.5;
};
data::MediaFile melody_file(const Melody& melody);

/// With the fingerprints of its media, as after reading.
data::Document decoded(data::Document document);

/// The medium with a caption, decoded.
data::Document captioned(data::MediaFile file, const std::string& caption,
                         const std::string& source = "", data::Split split = data::Split::kTrain);

}  // namespace reka::testing
