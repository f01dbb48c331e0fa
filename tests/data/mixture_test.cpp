#include "data/batch/mixture.h"

#include <cmath>
#include <limits>

#include "reka/base/error.h"
#include "tests/support/catch.h"

namespace reka::data {

TEST_CASE("mixture: every source is less than one row away from its share", "[data][mixture]") {
  const std::vector<std::vector<int64_t>> cases = {
      {1}, {1, 1, 1}, {7, 2, 1}, {0, 5, 3}, {97, 1, 1, 1}, {50, 30, 11, 5, 3, 1}, {4, 6, 8}};
  for (const auto& weights : cases) {
    const Mixture mixture(weights);
    double sum = 0;
    for (const auto weight : weights) sum += static_cast<double>(weight);
    std::vector<int64_t> done(weights.size(), 0);
    for (int64_t row = 0; row < 3 * static_cast<int64_t>(sum); ++row) {
      const auto [source, index] = mixture.locate(row);
      REQUIRE(index == done[source]++);
      REQUIRE(mixture.row_of(source, index) == row);
      for (size_t i = 0; i < weights.size(); ++i) {
        const auto share = static_cast<double>(weights[i]) * static_cast<double>(row + 1) / sum;
        REQUIRE(std::abs(static_cast<double>(done[i]) - share) < 1);
        REQUIRE(mixture.count(i, row + 1) == done[i]);
      }
    }
    for (size_t i = 0; i < weights.size(); ++i) CHECK(done[i] == 3 * weights[i]);
  }
}

TEST_CASE("mixture: any row is found without those before it", "[data][mixture]") {
  const Mixture mixture({3, 2});
  CHECK(mixture.locate(5'000'000'000).index == 3'000'000'000);
  CHECK(mixture.count(1, 5'000'000'000) == 2'000'000'000);
}

TEST_CASE("mixture: weights must be above 0 in sum and reasonable", "[data][mixture]") {
  CHECK_THROWS_AS(Mixture({0, 0}), ConfigError);
  CHECK_THROWS_AS(Mixture({1, 2'000'000}), ConfigError);
  CHECK_THROWS_AS(Mixture({std::numeric_limits<int64_t>::max(), 2}), ConfigError);
  CHECK_NOTHROW(Mixture({1'000'000, 2'000'000}));
}

}  // namespace reka::data
