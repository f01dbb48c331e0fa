#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include <ATen/core/Tensor.h>

namespace reka::data {

/// The 256 bits of PDQ: bit 16 i + j tells whether the frequency i + 1 down, j + 1 across is above
/// the median of all; so half of them are set. All zero: no picture.
struct PictureHash {
  std::array<uint64_t, 4> words{};  // bit n is bit n % 64 of word n / 64

  bool operator==(const PictureHash&) const = default;
};

/// Bits in which two hashes differ: 0 ... 256. Pictures that show the same are within about 31,
/// others near 128.
inline int64_t hamming_distance(const PictureHash& a, const PictureHash& b) {
  int64_t bits = 0;
  for (size_t n = 0; n < a.words.size(); ++n) bits += std::popcount(a.words[n] ^ b.words[n]);
  return bits;
}

/// The ways to lay a picture: the sum of those of the three that are done, in this order.
enum Symmetry : unsigned { kMirrored = 1, kUpsideDown = 2, kTransposed = 4 };
inline constexpr size_t kNumSymmetries = 8;

struct PictureHashes {
  std::array<PictureHash, kNumSymmetries> of;  // by Symmetry; 0 is the picture as it is
  int64_t quality = 0;                         // 0 ... 100: how much there is to tell it by
};

/// PDQ (Facebook 2019, "The TMK+PDQF video-hashing algorithm and the PDQ image-hashing algorithm"):
/// luma Y = 0.299 R + 0.587 G + 0.114 B, twice the mean over windows of ceil(side / 128) pixels
/// along both axes, the middles of 64 x 64 cells, frequencies 1 ... 16 of the DCT-II along both
/// axes, each above their (lower) median or not. The quality is the sum of |difference| of
/// neighbours among the 64 x 64, in whole percent of 255, over 90. The other seven hashes follow
/// from the signs of the frequencies: they are those of the turned picture but for a few bits, as
/// the windows and cells of sides that do not divide by 128 are not symmetric.
/// image [3, H, W] uint8. Pictures of fewer than 5 pixels a side have the quality 0 and no hashes.
PictureHashes hash_picture(const at::Tensor& image);

}  // namespace reka::data
