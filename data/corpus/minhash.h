#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace reka::data {

/// MinHash (Broder 1997): of each of bands x rows permutations of the 32-bit numbers the least
/// image of a set. Two sets agree in one of them with the probability of their Jaccard similarity
/// s, so that they agree in all rows of some band with 1 - (1 - s^rows)^bands.
///
/// The permutations are x -> (x xor b) a mod 2^32 with odd a, b and a drawn from the seed. They act
/// on the low half of hashes that are random already.
class MinHasher {
 public:
  MinHasher(size_t bands, size_t rows, uint64_t seed);

  size_t bands() const { return bands_; }
  size_t rows() const { return rows_; }
  size_t signature_size() const { return bands_ * rows_; }

  /// The least images -> signature [bands x rows]. `shingles` are hashes, at least one.
  void sign(std::span<const uint64_t> shingles, std::span<uint32_t> signature) const;

  /// One number for each band of a signature -> hashes [bands]; equal bands of different places
  /// have different numbers.
  void hash_bands(std::span<const uint32_t> signature, std::span<uint64_t> hashes) const;

  uint32_t image(size_t permutation, uint64_t shingle) const {
    return (static_cast<uint32_t>(shingle) ^ masks_[permutation]) * factors_[permutation];
  }

 private:
  size_t bands_, rows_;
  std::vector<uint32_t> masks_, factors_;  // padded to whole vectors
};

}  // namespace reka::data
