#include "data/corpus/minhash.h"

#include <algorithm>
#include <cmath>

#include "reka/base/random.h"
#include "tests/support/catch.h"

namespace reka::data {
namespace {

std::vector<uint32_t> sign(const MinHasher& hasher, const std::vector<uint64_t>& shingles) {
  std::vector<uint32_t> signature(hasher.signature_size());
  hasher.sign(shingles, signature);
  return signature;
}

// `count` shingles, of which `common` are those of every other set of the same draw.
std::vector<uint64_t> random_set(uint64_t draw, uint64_t set, size_t count, size_t common) {
  std::vector<uint64_t> shingles;
  for (size_t n = 0; n < count; ++n) shingles.push_back(mix64(draw, n < common ? 0 : set, n));
  return shingles;
}

}  // namespace

TEST_CASE("minhash: a signature has the least image of each permutation", "[data][minhash]") {
  for (const auto& [bands, rows] : {std::pair<size_t, size_t>{14, 8}, {1, 1}, {3, 7}, {5, 25}}) {
    const MinHasher hasher(bands, rows, 3);
    const auto shingles = random_set(1, 1, 50, 0);
    const auto signature = sign(hasher, shingles);
    REQUIRE(signature.size() == bands * rows);
    for (size_t n = 0; n < signature.size(); ++n) {
      auto least = hasher.image(n, shingles[0]);
      for (const auto shingle : shingles) least = std::min(least, hasher.image(n, shingle));
      CHECK(signature[n] == least);
    }
  }
}

TEST_CASE("minhash: order and repetition do not matter, the seed does", "[data][minhash]") {
  auto shingles = random_set(1, 1, 30, 0);
  const MinHasher hasher(14, 8, 1);
  const auto signature = sign(hasher, shingles);
  std::reverse(shingles.begin(), shingles.end());
  shingles.push_back(shingles[3]);
  CHECK(sign(hasher, shingles) == signature);
  CHECK(sign(MinHasher(14, 8, 2), shingles) != signature);
}

TEST_CASE("minhash: signatures agree as often as sets do", "[data][minhash]") {
  const MinHasher hasher(14, 8, 1);
  constexpr int kDraws = 300;
  for (const size_t common : {30, 60, 80}) {
    double agreed = 0;
    int in_a_band = 0;
    for (uint64_t draw = 0; draw < kDraws; ++draw) {
      const auto a = sign(hasher, random_set(draw, 1, 100, common));
      const auto b = sign(hasher, random_set(draw, 2, 100, common));
      for (size_t n = 0; n < a.size(); ++n) agreed += a[n] == b[n] ? 1 : 0;
      std::vector<uint64_t> bands_a(14);
      std::vector<uint64_t> bands_b(14);
      hasher.hash_bands(a, bands_a);
      hasher.hash_bands(b, bands_b);
      bool meets = false;
      for (size_t n = 0; n < 14; ++n) meets |= bands_a[n] == bands_b[n];
      in_a_band += meets ? 1 : 0;
    }
    const auto s = static_cast<double>(common) / (200.0 - static_cast<double>(common));
    const auto trials = kDraws * 112.0;
    CHECK(std::abs(agreed / trials - s) < 4 * std::sqrt(s * (1 - s) / trials));
    const auto found = 1 - std::pow(1 - std::pow(s, 8), 14);
    CHECK(std::abs(in_a_band / static_cast<double>(kDraws) - found) <
          4 * std::sqrt(found * (1 - found) / kDraws) + 0.01);
  }
}

TEST_CASE("minhash: equal rows in two bands have two hashes", "[data][minhash]") {
  const MinHasher hasher(2, 3, 1);
  std::vector<uint64_t> bands(2);
  hasher.hash_bands(std::vector<uint32_t>{1, 2, 3, 1, 2, 3}, bands);
  CHECK(bands[0] != bands[1]);
}

}  // namespace reka::data
