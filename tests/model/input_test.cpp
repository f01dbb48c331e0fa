#include "reka/model/input.h"

#include "tests/support/testing.h"

TEST_CASE("input: a move to a device keeps documents, runs and values", "[model][input]") {
  reka::Batch batch;
  batch.input.tokens = torch::arange(4);
  batch.input.sequence = {torch::arange(4), {0, 4}, {0}};
  batch.input.media.push_back({.values = torch::ones({1, 3, 2, 2}), .runs = {{1, 2}}});
  batch.targets = torch::arange(4);
  batch.target_weight = torch::ones({4});
  const auto moved = batch.to(torch::kCPU);
  CHECK(moved.input.sequence.documents() == 1);
  CHECK(moved.input.media[0].runs[0].length == 2);
  reka::testing::check_close(moved.input.media[0].values, batch.input.media[0].values);
}
