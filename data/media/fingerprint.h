#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <tuple>
#include <vector>

#include <ATen/core/Tensor.h>

#include "data/item.h"
#include "data/media/perceptual_hash.h"
#include "reka/base/config.h"

namespace reka::data {

/// From where on two media are the same to the eye or ear.
struct LikenessConfig {
  int64_t distance = 31;
  int64_t min_quality = 50;
  double frame_share = 0.8;
  double bit_error_rate = 0.15;

  void describe(auto& field) {
    field("distance", distance,
          "pictures and frames are alike when so many of the 256 bits of their PDQ hashes differ, "
          "or fewer",
          between(0, 127));
    field("min_quality", min_quality,
          "pictures and frames of a lower PDQ quality are too plain to be told by their hash",
          between(0, 100));
    field(
        "frame_share", frame_share,
        "clips are alike when so much of the shorter one's frames, one a second, is in the other; "
        "sounds lie over each other by as much of the shorter one",
        between(0.01, 1));
    field("bit_error_rate", bit_error_rate,
          "sounds are alike when so much of the bits of their Chromaprints differs, or less",
          between(0, 0.4));
  }
};

/// What a medium is recognised by, whatever its encoding and size.
struct Fingerprint {
  Modality modality = Modality::kImage;
  std::vector<PictureHash> pictures;  // image: by Symmetry; video: of each second; all zero: a
                                      // frame too plain to tell it by
  std::vector<uint8_t> qualities;     // PDQ's: of the image, or of each second
  std::vector<uint32_t> items;        // audio: Chromaprint, one for each 0.124 s; none: too short

  bool empty() const { return pictures.empty() && items.empty(); }
  static auto members(auto& self) {
    return std::tie(self.modality, self.pictures, self.qualities, self.items);
  }
};

/// Decodes the medium. Throws DataError, which starts with `name`, when that cannot be done.
Fingerprint fingerprint_of(const SampleMedia& medium, std::string_view name);
Fingerprint fingerprint_of(const MediaFile& file);

/// Of what is decoded: an image or frame [3, H, W] uint8, mono samples at 16 kHz.
Fingerprint fingerprint_of_image(const at::Tensor& image);
Fingerprint fingerprint_of_sound(std::span<const float> samples);
void add_frame(const at::Tensor& frame, Fingerprint& clip);
/// Seconds after the first frame at which a clip is looked at: the middle of each second.
std::vector<float> fingerprint_times(double seconds);

/// Takes out what is below the quality from which on it is told by its hash.
void forget_plain(Fingerprint& made, const LikenessConfig& config);

/// Clips, where frame n + offset of `a` is held against frame n of `b`.
bool are_alike(std::span<const PictureHash> a, std::span<const PictureHash> b, int64_t offset,
               const LikenessConfig& config);

/// Sounds, where item n + offset of `a` is held against item n of `b`: the bit error rate of
/// Haitsma, Kalker 2002, "A highly robust audio fingerprinting system".
bool are_alike(std::span<const uint32_t> a, std::span<const uint32_t> b, int64_t offset,
               const LikenessConfig& config);

}  // namespace reka::data
