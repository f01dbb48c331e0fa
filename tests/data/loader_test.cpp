#include "data/batch/loader.h"

#include <algorithm>
#include <map>
#include <set>

#include "data/batch/row.h"
#include "data/shards/reader.h"
#include "tests/data/loader_setup.h"
#include "tests/support/testing.h"

namespace reka::data {
namespace {

using testing::global_rows;
using testing::ids_of;
using testing::kRow;
using testing::Row;
using testing::rows_of;
using Setup = testing::LoaderSetup;

}  // namespace

TEST_CASE("loader: an epoch of a source has every target of every sample once", "[data][loader]") {
  Setup setup;
  setup.sources = {{"text", setup.folder, 1}};
  setup.config.rows = 1;
  auto loader = setup.loader();
  const auto rows = loader.report().rows_per_epoch;
  std::vector<std::map<uint64_t, double>> epochs;
  std::vector<std::vector<Row>> order;
  for (int epoch = 0; epoch < 2; ++epoch) {
    std::map<uint64_t, double> weights;
    std::vector<Row> seen;
    for (int64_t row = 0; row < rows; ++row) {
      const auto batch = loader.next();
      REQUIRE(batch.input.sequence.tokens() == kRow);
      seen.push_back(rows_of(batch)[0]);
      for (size_t d = 0; d < batch.documents.size(); ++d) {
        const auto& starts = batch.input.sequence.starts;
        const auto weight = batch.target_weight.slice(0, starts[d], starts[d + 1]);
        weights[batch.documents[d].sample_id] += weight.sum().item<double>();
      }
    }
    CHECK(weights.extract(0).mapped() == 0);
    epochs.push_back(weights);
    order.push_back(seen);
  }
  std::map<uint64_t, double> expected;
  visit_samples(setup.folder, Split::kTrain, [&](Sample&& sample) {
    if (sample.source == "text")
      expected[view_of(sample).id] = static_cast<double>(sample.tokens.size()) - 1;
    return true;
  });
  CHECK(epochs[0] == expected);
  CHECK(epochs[1] == expected);
  CHECK(order[0] != order[1]);
}

TEST_CASE("loader: the global order is the same for any world, micro-batch and thread count",
          "[data][loader]") {
  Setup setup;
  const auto expected = global_rows(setup, 1, 96);
  CHECK(std::set<Row>(expected.begin(), expected.end()).size() > 90);
  for (const int64_t world : {2, 3, 4}) CHECK(global_rows(setup, world, 96) == expected);
  for (const int64_t rows : {1, 3, 8}) {
    setup.config.rows = rows;
    for (const int64_t threads : {0, 1, 3}) {
      setup.config.threads = threads;
      setup.config.prefetch = threads + rows;
      CHECK(global_rows(setup, 2, 96) == expected);
    }
  }
  setup.config.seed = 6;
  CHECK(global_rows(setup, 1, 96) != expected);
}

TEST_CASE("loader: rows come from the sources as their weights say", "[data][loader]") {
  Setup setup;
  setup.config.rows = 1;
  auto loader = setup.loader();
  std::map<std::string, int> rows;
  for (int i = 0; i < 400; ++i)
    ++rows[loader.source_names()[static_cast<size_t>(loader.next().documents[0].source)]];
  CHECK(rows["text"] == 300);
  CHECK(rows["image"] == 100);
  CHECK(loader.language_names() == std::vector<std::string>{"de", "en"});
}

TEST_CASE("loader: a held-out split is seen once, in order, by all ranks together",
          "[data][loader]") {
  Setup setup;
  setup.config.split = Split::kDev;
  setup.config.rows = 3;
  std::multiset<uint64_t> expected;
  visit_samples(setup.folder, Split::kDev, [&](Sample&& sample) {
    const auto pieces = (sample.tokens.size() - 1 + kRow - 1) / kRow;
    for (size_t i = 0; i < std::max<size_t>(pieces, 1); ++i) expected.insert(view_of(sample).id);
    return true;
  });
  REQUIRE(expected.size() > 20);
  for (const int64_t world : {1, 2, 5}) {
    std::multiset<uint64_t> seen;
    std::set<int> batches;
    for (int64_t rank = 0; rank < world; ++rank) {
      auto loader = setup.loader({rank, world});
      int count = 0;
      for (; !loader.finished(); ++count) {
        const auto batch = loader.next();
        CHECK(batch.input.sequence.tokens() == 3 * kRow);
        seen.merge(ids_of(batch));
      }
      CHECK_THROWS(loader.next());
      batches.insert(count);
    }
    CHECK(batches.size() == 1);
    CHECK(seen == expected);
  }
  double bytes = 0, expected_bytes = 0;
  auto loader = setup.loader();
  while (!loader.finished())
    for (const auto& document : loader.next().documents) bytes += document.text_bytes;
  visit_samples(setup.folder, Split::kDev, [&](Sample&& sample) {
    expected_bytes += static_cast<double>(sample.text_bytes);
    return true;
  });
  CHECK(bytes == Approx(expected_bytes));
  setup.config.split = Split::kTest;
  CHECK(setup.loader().finished());
}

}  // namespace reka::data
