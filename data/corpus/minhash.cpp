#include "data/corpus/minhash.h"

#include <algorithm>

#include <c10/util/Exception.h>

#include "reka/base/hash.h"
#include "reka/base/random.h"
#include "reka/ops/cpu/simd.h"

namespace reka::data {
namespace {

using ops::cpu::kLanes;
using ops::cpu::Lanes;
using ops::cpu::load_lanes;
using ops::cpu::store_lanes;

constexpr size_t kWidth = kLanes<uint32_t>;

// The least images of one vector of permutations.
REKA_SIMD void least_images(const uint64_t* shingles, size_t count, const uint32_t* masks,
                            const uint32_t* factors, uint32_t* least) {
  const auto mask = load_lanes(masks);
  const auto factor = load_lanes(factors);
  auto found = Lanes<uint32_t>{} + UINT32_MAX;
  for (size_t n = 0; n < count; ++n) {
    const auto image = (mask ^ static_cast<uint32_t>(shingles[n])) * factor;
    found = image < found ? image : found;
  }
  store_lanes(least, found);
}

}  // namespace

MinHasher::MinHasher(size_t bands, size_t rows, uint64_t seed) : bands_(bands), rows_(rows) {
  const auto padded = (signature_size() + kWidth - 1) / kWidth * kWidth;
  for (size_t n = 0; n < padded; ++n) {
    masks_.push_back(static_cast<uint32_t>(mix64(seed, n, 0)));
    factors_.push_back(static_cast<uint32_t>(mix64(seed, n, 1)) | 1U);
  }
}

void MinHasher::sign(std::span<const uint64_t> shingles, std::span<uint32_t> signature) const {
  TORCH_CHECK(!shingles.empty() && signature.size() == signature_size(), "minhash: a signature of ",
              signature_size(), " numbers from at least one shingle");
  std::array<uint32_t, kWidth> least{};
  for (size_t begin = 0; begin < signature.size(); begin += kWidth) {
    least_images(shingles.data(), shingles.size(), masks_.data() + begin, factors_.data() + begin,
                 least.data());
    const auto count = std::min(kWidth, signature.size() - begin);
    std::copy_n(least.begin(), count, signature.begin() + static_cast<std::ptrdiff_t>(begin));
  }
}

void MinHasher::hash_bands(std::span<const uint32_t> signature, std::span<uint64_t> hashes) const {
  for (size_t band = 0; band < bands_; ++band) {
    hashes[band] = xxh3_64(std::as_bytes(signature.subspan(band * rows_, rows_)), band);
  }
}

}  // namespace reka::data
