#include "data/corpus/in_order.h"

#include <stdexcept>

#include "tests/support/catch.h"

namespace reka::data {

TEST_CASE("in order: results are used in the order of their numbers for any number of threads",
          "[data][in_order]") {
  for (const size_t threads : {1, 2, 5}) {
    std::vector<size_t> used;
    InOrder<size_t> order(100, threads, [](size_t n) { return n * n; });
    order.run([&](size_t n, size_t&& result) {
      CHECK(result == n * n);
      used.push_back(n);
    });
    REQUIRE(used.size() == 100);
    CHECK(std::is_sorted(used.begin(), used.end()));
  }
}

TEST_CASE("in order: no more results wait than twice the threads", "[data][in_order]") {
  std::atomic<size_t> started{0};
  InOrder<int> order(50, 2, [&](size_t) {
    ++started;
    return 0;
  });
  order.run([&](size_t n, int&&) { CHECK(started <= n + 1 + 4); });
  CHECK(started == 50);
}

TEST_CASE("in order: the first exception of work or use ends it and is thrown",
          "[data][in_order]") {
  InOrder<int> failing(1000, 3, [](size_t n) {
    if (n == 7) throw std::runtime_error("seven");
    return 1;
  });
  CHECK_THROWS_WITH(failing.run([](size_t, int&&) {}), "seven");
  const auto use_fails = [] {
    InOrder<int> order(1000, 3, [](size_t) { return 1; });
    order.run([](size_t n, int&&) {
      if (n == 5) throw std::runtime_error("five");
    });
  };
  CHECK_THROWS_WITH(use_fails(), "five");
}

TEST_CASE("in order: nothing to do is done", "[data][in_order]") {
  InOrder<int> order(0, 2, [](size_t) { return 1; });
  order.run([](size_t, int&&) { FAIL("nothing to use"); });
  SUCCEED();
}

}  // namespace reka::data
