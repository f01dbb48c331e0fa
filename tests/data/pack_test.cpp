#include "data/batch/pack.h"

#include <algorithm>
#include <numeric>

#include "reka/base/random.h"
#include "tests/support/catch.h"

namespace reka::data {
namespace {

std::vector<int32_t> random_lengths(size_t count, uint64_t longest, uint64_t seed) {
  std::vector<int32_t> lengths;
  for (size_t i = 0; i < count; ++i)
    lengths.push_back(1 + static_cast<int32_t>(uniform_below(mix64(seed, i), longest)));
  return lengths;
}

/// Best-fit decreasing by its definition.
int64_t plain_best_fit(std::vector<int32_t> lengths, int64_t row_tokens) {
  std::ranges::sort(lengths, std::greater());
  std::vector<int64_t> space;
  for (const auto length : lengths) {
    auto best = space.end();
    for (auto row = space.begin(); row != space.end(); ++row)
      if (*row >= length && (best == space.end() || *row < *best)) best = row;
    if (best == space.end()) best = space.insert(space.end(), row_tokens);
    *best -= length;
  }
  return static_cast<int64_t>(space.size());
}

}  // namespace

TEST_CASE("pack: every item is in one row and no row is too long", "[data][pack]") {
  for (const int64_t row_tokens : {1, 7, 63, 64, 65, 200}) {
    const auto lengths = random_lengths(500, static_cast<uint64_t>(row_tokens), 3);
    const auto packing = pack(lengths, row_tokens);
    std::vector<int> seen(lengths.size(), 0);
    for (int64_t row = 0; row < packing.num_rows(); ++row) {
      int64_t tokens = 0;
      for (const auto item : packing.row(row)) {
        ++seen[item];
        tokens += lengths[item];
      }
      REQUIRE(tokens <= row_tokens);
      REQUIRE(tokens > 0);
      REQUIRE(std::ranges::is_sorted(packing.row(row)));
    }
    CHECK(std::ranges::count(seen, 1) == static_cast<int64_t>(lengths.size()));
    CHECK(packing.num_rows() == plain_best_fit(lengths, row_tokens));
  }
}

TEST_CASE("pack: the number of rows does not depend on the order of the items", "[data][pack]") {
  auto lengths = random_lengths(300, 50, 5);
  const auto rows = pack(lengths, 100).num_rows();
  for (uint64_t key = 0; key < 20; ++key) {
    const Permutation permutation(lengths.size(), key);
    std::vector<int32_t> shuffled;
    for (size_t i = 0; i < lengths.size(); ++i) shuffled.push_back(lengths[permutation(i)]);
    CHECK(pack(shuffled, 100).num_rows() == rows);
  }
}

TEST_CASE("pack: short documents leave less than one percent of the rows empty", "[data][pack]") {
  const auto lengths = random_lengths(5000, 300, 7);
  const auto used = std::accumulate(lengths.begin(), lengths.end(), int64_t{0});
  const auto rows = pack(lengths, 1024).num_rows();
  CHECK(static_cast<double>(used) > 0.99 * static_cast<double>(rows * 1024));
}

TEST_CASE("pack: nothing makes no rows, and a length beyond the row is refused", "[data][pack]") {
  CHECK(pack({}, 10).num_rows() == 0);
  CHECK_THROWS(pack(std::vector<int32_t>{11}, 10));
  CHECK_THROWS(pack(std::vector<int32_t>{0}, 10));
}

}  // namespace reka::data
