#include "reka/base/random.h"

#include <cmath>
#include <numeric>
#include <set>
#include <vector>

#include "tests/support/catch.h"

using namespace reka;

TEST_CASE("random: counters name a draw, and their order matters", "[base][random]") {
  CHECK(mix64(1, 2, 3) == mix64(1, 2, 3));
  std::set<uint64_t> draws;
  for (uint64_t seed = 0; seed < 10; ++seed) {
    for (uint64_t a = 0; a < 10; ++a) {
      for (uint64_t b = 0; b < 10; ++b) draws.insert(mix64(seed, a, b));
    }
  }
  CHECK(draws.size() == 1000);
  // The published SplitMix64 generator from state 0 begins so.
  CHECK(mix64(0) == 0xe220a8397b1dcdaf);
}

TEST_CASE("random: uniform numbers fill their range evenly", "[base][random]") {
  constexpr int kDraws = 100000;
  std::vector<int> counts(10);
  double sum = 0;
  for (int n = 0; n < kDraws; ++n) {
    const auto u = uniform(mix64(7, n));
    CHECK_FALSE((u < 0 || u >= 1));
    sum += u;
    ++counts[uniform_below(mix64(8, n), 10)];
  }
  CHECK(std::abs(sum / kDraws - 0.5) < 0.005);
  double chi_square = 0;
  for (const auto count : counts) chi_square += std::pow(count - kDraws / 10, 2) / (kDraws / 10.0);
  CHECK(chi_square < 27.9);  // 9 degrees of freedom, p = 0.001
  CHECK(uniform_below(~uint64_t{0}, 10) == 9);
}

TEST_CASE("random: a permutation is a bijection", "[base][random]") {
  for (const uint64_t n : {1, 2, 3, 4, 5, 6, 7, 10, 16, 97, 1000, 4096, 100003}) {
    const Permutation p(n, 42);
    std::vector<bool> seen(n);
    for (uint64_t i = 0; i < n; ++i) {
      const auto image = p(i);
      REQUIRE(image < n);
      REQUIRE_FALSE(seen[image]);
      seen[image] = true;
    }
  }
  for (const uint64_t n : {uint64_t{1} << 62, (uint64_t{1} << 61) + 12345, uint64_t{1} << 40}) {
    const Permutation p(n, 7);
    for (uint64_t i = 0; i < 1000; ++i) {
      const auto index = uniform_below(mix64(n, i), n);
      REQUIRE(p(index) < n);
    }
  }
}

TEST_CASE("random: a permutation depends on its key and looks like chance", "[base][random]") {
  constexpr uint64_t kSize = 1000;
  const Permutation a(kSize, 1), b(kSize, 2);
  int same = 0, fixed = 0, neighbours = 0;
  for (uint64_t i = 0; i < kSize; ++i) {
    same += a(i) == b(i);
    fixed += a(i) == i;
    neighbours += i > 0 && a(i) == a(i - 1) + 1;
  }
  CHECK(same < 8);  // each is Poisson of mean 1: beyond 8 with p = 1e-6
  CHECK(fixed < 8);
  CHECK(neighbours < 8);
}

TEST_CASE("random: small permutations reach every order", "[base][random]") {
  std::set<std::vector<uint64_t>> orders;
  for (uint64_t key = 0; key < 2000; ++key) {
    const Permutation p(4, key);
    orders.insert({p(0), p(1), p(2), p(3)});
  }
  CHECK(orders.size() == 24);
}

TEST_CASE("random: each place is taken evenly over the keys", "[base][random]") {
  constexpr uint64_t kSize = 10;
  constexpr int kKeys = 20000;
  std::vector<int> counts(kSize * kSize);
  for (int key = 0; key < kKeys; ++key) {
    const Permutation p(kSize, static_cast<uint64_t>(key));
    for (uint64_t i = 0; i < kSize; ++i) ++counts[i * kSize + p(i)];
  }
  double chi_square = 0;
  const double expected = kKeys / static_cast<double>(kSize);
  for (const auto count : counts) chi_square += std::pow(count - expected, 2) / expected;
  CHECK(chi_square < 126);  // 81 degrees of freedom, p = 0.001
}
