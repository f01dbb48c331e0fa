#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_set>

#include "data/media/fingerprint.h"
#include "reka/base/random.h"

namespace reka::data {

// Candidates for being alike are media that agree exactly in a piece of their fingerprints.
// Pictures, and frames of clips: the 256 bits are cut into 16 pieces of 16. Hashes of distance <=
// 15 agree in one of them for certain (pigeonhole). Of those that differ in d bits at random places
// 99.9 % agree in one for d = 20, 98.6 % for 25, 91.3 % for 31:
// 1 - sum_k (-1)^k C(16, k) C(256 - 16 k, d) / C(256, d). Bits of real copies are not at random
// places: they differ where a frequency is near the median.
// Sounds: each item of 32 bits. Of n items with a bit error rate e at random places one agrees with
// the probability 1 - (1 - (1 - e)^32)^n: for 10 s (60 items) all but 3 in a million at 0.05, 88 %
// at 0.1, 28 % at 0.15; for 60 s (464 items) 92 % at 0.15.

/// Of clips and sounds a piece brings at most so many comparisons for each, as silence or a title
/// may stand in all.
inline constexpr size_t kMostOfPiece = 64;

inline constexpr size_t kPiecesOfHash = 16;

namespace detail {

/// Where a piece stands, and in what; a bijection, so that nothing else comes together.
inline uint64_t key_of(Modality modality, uint64_t piece, uint64_t bits) {
  return mix64(static_cast<uint64_t>(modality) << 40 | piece << 32 | bits);
}

}  // namespace detail

/// use(key, position) for each piece of pictures (positions are symmetries) or frames (seconds).
template <typename Use>
void for_each_piece(Modality modality, std::span<const PictureHash> hashes, const Use& use) {
  constexpr size_t kBits = 256 / kPiecesOfHash, kPiecesOfWord = 64 / kBits;
  for (size_t n = 0; n < hashes.size(); ++n) {
    if (hashes[n] == PictureHash{}) continue;
    for (size_t piece = 0; piece < kPiecesOfHash; ++piece) {
      const auto word = hashes[n].words[piece / kPiecesOfWord];
      const auto bits = word >> (kBits * (piece % kPiecesOfWord)) & ((1U << kBits) - 1);
      use(detail::key_of(modality, piece, bits), n);
    }
  }
}

/// The same for each different item of a sound.
template <typename Use>
void for_each_piece(std::span<const uint32_t> items, const Use& use) {
  std::unordered_set<uint32_t> seen;  // an item that comes again says nothing new
  for (size_t n = 0; n < items.size(); ++n) {
    if (seen.insert(items[n]).second) use(detail::key_of(Modality::kAudio, 0, items[n]), n);
  }
}

}  // namespace reka::data
