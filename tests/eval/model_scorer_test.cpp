#include "eval/model_scorer.h"

#include <numeric>

#include "tests/support/catch.h"

using namespace reka;  // NOLINT(google-build-using-namespace)

TEST_CASE("scorer: pieces of a long text predict each of its targets once", "[eval]") {
  data::Sample sample;
  sample.tokens.resize(23);
  std::iota(sample.tokens.begin(), sample.tokens.end(), 100);
  sample.targets = {{1, 6}, {9, 14}};
  for (const int64_t context : {2, 5, 7, 22, 23, 40}) {
    std::vector<int32_t> predicted;
    for (const auto& piece : eval::cut_text(sample, context)) {
      CHECK(static_cast<int64_t>(piece.tokens.size()) <= context);
      for (const auto& run : piece.targets) {
        for (auto i = run.begin; i < run.begin + run.length; ++i) {
          if (i > 0) predicted.push_back(piece.tokens[static_cast<size_t>(i)]);
        }
      }
    }
    std::vector<int32_t> expected;
    for (int32_t i = 1; i < 23; ++i) {
      if (i < 7 || i >= 9) expected.push_back(100 + i);
    }
    CHECK(predicted == expected);
  }
}

TEST_CASE("scorer: what is whole is never cut", "[eval]") {
  data::Sample sample;
  sample.tokens.resize(23);
  sample.targets = {{1, 22}};
  sample.whole = true;
  CHECK(eval::cut_text(sample, 4).size() == 1);
}
