#include "data/batch/prefetch.h"

#include <atomic>
#include <stdexcept>

#include "tests/support/testing.h"

namespace reka::data {
namespace {

Batch numbered(int64_t item) {
  Batch batch;
  batch.padding = item;
  return batch;
}

}  // namespace

TEST_CASE("prefetch: items come in order from their first, for any number of threads",
          "[data][prefetch]") {
  for (const int64_t threads : {0, 1, 4}) {
    for (const int64_t depth : {1, 7}) {
      Prefetcher prefetcher(numbered, {.first = 5, .end = 40, .threads = threads, .depth = depth});
      for (int64_t item = 5; item < 40; ++item) {
        CHECK(prefetcher.position() == item);
        REQUIRE(prefetcher.next().padding == item);
      }
      CHECK_THROWS_WITH(prefetcher.next(), Catch::Contains("nothing after item 39"));
    }
  }
}

TEST_CASE("prefetch: no item is made further ahead than the depth, and each once",
          "[data][prefetch]") {
  constexpr int64_t kDepth = 3;
  std::atomic<int64_t> given{0}, too_early{0}, made{0};
  Prefetcher prefetcher(
      [&](int64_t item) {
        ++made;
        if (item >= given + kDepth) ++too_early;
        return numbered(item);
      },
      {.end = 200, .threads = 4, .depth = kDepth});
  for (int64_t item = 0; item < 200; ++item) {
    given = item + 1;  // before the item is taken: threads may go on from here
    REQUIRE(prefetcher.next().padding == item);
  }
  CHECK(too_early == 0);
  CHECK(made == 200);
}

TEST_CASE("prefetch: an error comes at its item, again and again, and not before",
          "[data][prefetch]") {
  for (const int64_t threads : {0, 3}) {
    Prefetcher prefetcher(
        [](int64_t item) {
          if (item == 4) throw std::runtime_error("no item 4");
          return numbered(item);
        },
        {.threads = threads, .depth = 8});
    for (int64_t item = 0; item < 4; ++item) CHECK(prefetcher.next().padding == item);
    CHECK_THROWS_WITH(prefetcher.next(), "no item 4");
    CHECK_THROWS_WITH(prefetcher.next(), "no item 4");
    CHECK(prefetcher.position() == 4);
  }
}

TEST_CASE("prefetch: it ends while threads wait for room or make an item", "[data][prefetch]") {
  for (int n = 0; n < 50; ++n) {
    std::atomic<int> under_way{0};
    {
      Prefetcher prefetcher(
          [&](int64_t item) {
            ++under_way;
            auto batch = numbered(item);
            --under_way;
            return batch;
          },
          {.threads = 4, .depth = 2});
      if (n % 2 == 0) prefetcher.next();
    }
    CHECK(under_way == 0);
  }
}

}  // namespace reka::data
