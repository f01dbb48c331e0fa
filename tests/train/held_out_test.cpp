#include "train/held_out.h"

#include "tests/support/testing.h"

using namespace reka;  // NOLINT(google-build-using-namespace)

TEST_CASE("held out: every source has its share, small ones all of their rows", "[train]") {
  const auto batches = train::pick_batches({100, 2, 1000}, 22, 1);
  CHECK(batches == std::vector<int64_t>{0,   10,  20,  30,  40,  50,  60,  70,  80,  90,  100,
                                        101, 102, 202, 302, 402, 502, 602, 702, 802, 902, 1002});
}

TEST_CASE("held out: no rows given takes all of them, each once", "[train]") {
  const auto batches = train::pick_batches({5, 1, 3}, 0, 2);
  CHECK(batches == std::vector<int64_t>{0, 1, 2, 3, 4});
}

TEST_CASE("held out: a batch that two sources share is measured once", "[train]") {
  CHECK(train::pick_batches({1, 1, 1, 1}, 4, 4) == std::vector<int64_t>{0});
}
