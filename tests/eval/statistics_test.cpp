#include "eval/statistics.h"

#include "tests/support/catch.h"

using reka::eval::bootstrap_mean;
using reka::eval::Interval;

TEST_CASE("statistics: the interval of a group bootstrap holds the mean and is seeded", "[eval]") {
  std::vector<double> values;
  std::vector<uint64_t> groups;
  for (uint64_t i = 0; i < 400; ++i) {
    values.push_back(i % 4 == 0 ? 1.0 : 0.0);
    groups.push_back(i);
  }
  const auto estimate = bootstrap_mean(values, groups, 2000, 7);
  CHECK(estimate.mean == Approx(0.25));
  // Binomial: 1.96 sqrt(p (1 - p) / n) = 0.042.
  CHECK(estimate.low == Approx(0.25 - 0.042).margin(0.01));
  CHECK(estimate.high == Approx(0.25 + 0.042).margin(0.01));
  const auto again = bootstrap_mean(values, groups, 2000, 7);
  CHECK(again.low == estimate.low);
  CHECK(again.high == estimate.high);
}

TEST_CASE("statistics: items of one group widen the interval", "[eval]") {
  std::vector<double> values;
  std::vector<uint64_t> single;
  std::vector<uint64_t> grouped;
  for (uint64_t i = 0; i < 400; ++i) {
    values.push_back((i / 10) % 2 == 0 ? 1.0 : 0.0);
    single.push_back(i);
    grouped.push_back(i / 10);
  }
  const auto narrow = bootstrap_mean(values, single, 1000, 1);
  const auto wide = bootstrap_mean(values, grouped, 1000, 1);
  CHECK(wide.groups == 40);
  CHECK(wide.high - wide.low > 2 * (narrow.high - narrow.low));
}

TEST_CASE("statistics: no values give zeros, and a missing group is a programmer's error",
          "[eval]") {
  CHECK(bootstrap_mean({}, {}, 10, 0).items == 0);
  CHECK_THROWS(bootstrap_mean({1.0}, {}, 10, 0));
}

TEST_CASE("statistics: a share of few groups, or of groups that agree, has Wilson's interval",
          "[eval]") {
  const auto share = [](double right, uint64_t count) {
    std::vector<double> values;
    std::vector<uint64_t> groups;
    for (uint64_t i = 0; i < count; ++i) {
      values.push_back(static_cast<double>(i) < right ? 1 : 0);
      groups.push_back(i);
    }
    return reka::eval::bootstrap_share(values, groups, 1000, 3);
  };
  const auto none = share(0, 2);
  CHECK(none.interval == Interval::kWilson);
  CHECK(none.low == 0);
  CHECK(none.high == Approx(0.6576).margin(1e-4));  // z^2 / (n + z^2)
  const auto all = share(100, 100);
  CHECK(all.interval == Interval::kWilson);
  CHECK(all.low == Approx(0.9630).margin(1e-4));
  CHECK(all.high == 1);
  CHECK(share(3, 9).interval == Interval::kWilson);
  CHECK(share(3, 9).low == Approx(0.1206).margin(1e-4));
  CHECK(share(3, 10).interval == Interval::kBootstrap);
  CHECK(share(0, 0).items == 0);
}

TEST_CASE("statistics: groups of one mean claim no certainty", "[eval]") {
  std::vector<double> values;
  std::vector<uint64_t> groups;
  for (uint64_t i = 0; i < 40; ++i) {
    values.push_back(i % 2 == 0 ? 1 : 0);
    groups.push_back(i / 2);
  }
  const auto estimate = reka::eval::bootstrap_share(values, groups, 1000, 3);
  CHECK(estimate.interval == Interval::kWilson);
  CHECK(estimate.low == Approx(0.2993).margin(1e-4));  // of 20, not of 40
}
