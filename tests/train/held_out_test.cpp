#include "train/held_out.h"

#include "tests/support/testing.h"

using namespace reka;  // NOLINT(google-build-using-namespace)

TEST_CASE("held out: every source has its share, small ones all of their rows", "[train]") {
  const auto rows = train::pick_rows({100, 2, 1000}, 22);
  CHECK(rows == std::vector<int64_t>{0,   10,  20,  30,  40,  50,  60,  70,  80,  90,  100,
                                     101, 102, 202, 302, 402, 502, 602, 702, 802, 902, 1002});
}

TEST_CASE("held out: no rows given takes all of them, each once", "[train]") {
  CHECK(train::pick_rows({2, 0, 3}, 0) == std::vector<int64_t>{0, 1, 2, 3, 4});
}

TEST_CASE("held out: each source has a row, however few are wanted", "[train]") {
  CHECK(train::pick_rows({5, 1, 0, 3}, 1) == std::vector<int64_t>{0, 5, 6});
}
