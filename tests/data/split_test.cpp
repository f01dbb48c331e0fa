#include "data/corpus/split.h"

#include <map>

#include <fmt/format.h>

#include "tests/support/catch.h"

namespace reka::data {

TEST_CASE("split: the class of a key is its SHA-256 modulo the modulus", "[data][split]") {
  // python3 -c 'import hashlib; print(int(hashlib.sha256(b"abc").hexdigest(), 16) % 100)'
  CHECK(key_class("abc", 100) == 65);
  CHECK(key_class("gnome-help/a11y.page", 100) == 76);
  CHECK(key_class("", 1'000'000) == 86549);
}

TEST_CASE("split: the first classes are test, the next dev, in about their shares",
          "[data][split]") {
  const SplitConfig config{.modulus = 20, .test = 1, .dev = 3};
  std::map<Split, int> counts;
  for (int n = 0; n < 4000; ++n) ++counts[config.side(fmt::format("key {}", n))];
  CHECK(counts[Split::kTest] == Approx(200).margin(50));
  CHECK(counts[Split::kDev] == Approx(600).margin(80));
  CHECK(config.side_of_class(0) == Split::kTest);
  CHECK(config.side_of_class(1) == Split::kDev);
  CHECK(config.side_of_class(3) == Split::kDev);
  CHECK(config.side_of_class(4) == Split::kTrain);
}

}  // namespace reka::data
