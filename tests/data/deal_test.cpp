#include "data/batch/deal.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "data/batch/loader.h"
#include "data/shards/writer.h"
#include "reka/base/random.h"
#include "tests/data/loader_setup.h"
#include "tests/support/testing.h"

namespace reka::data {

TEST_CASE("deal: equal costs are dealt in turn", "[data][deal]") {
  const auto deal = deal_rows(std::vector<double>(6, 2.5), 3);
  CHECK(deal.rows == std::vector<std::vector<int64_t>>{{0, 3}, {1, 4}, {2, 5}});
  CHECK(deal.spread == 1);
  CHECK(deal_rows(std::vector<double>(4, 0.0), 2).spread == 1);
}

TEST_CASE("deal: every rank has as many rows, each row one rank, and costs are near their mean",
          "[data][deal]") {
  for (const int64_t world : {1, 2, 3, 8}) {
    for (uint64_t seed = 0; seed < 50; ++seed) {
      std::vector<double> costs;
      for (int64_t i = 0; i < 12 * world; ++i)
        costs.push_back(1 + 40 * (uniform(mix64(seed, i)) > 0.8) * uniform(mix64(seed, i, 1)));
      const auto deal = deal_rows(costs, world);
      std::set<int64_t> rows;
      double largest = 0;
      for (const auto& rank : deal.rows) {
        REQUIRE(rank.size() == 12);
        REQUIRE(std::ranges::is_sorted(rank));
        double sum = 0;
        for (const auto row : rank) sum += costs[static_cast<size_t>(row)];
        largest = std::max(largest, sum);
        rows.insert(rank.begin(), rank.end());
      }
      REQUIRE(std::ssize(rows) == 12 * world);
      const auto mean = std::accumulate(costs.begin(), costs.end(), 0.0) / double(world);
      CHECK(deal.spread == Approx(largest / mean));
      // Largest first is never further from the best than its last item.
      CHECK(deal.spread <= 1 + *std::ranges::max_element(costs) / mean);
    }
  }
  const auto deal = deal_rows(std::vector<double>{9, 1, 9, 1, 1, 1, 1, 1}, 2);
  CHECK(deal.spread == 1);
  CHECK(deal.spread_in_turn == Approx(20.0 / 12));
}

TEST_CASE("deal: ranks of a loader share the rows of each step, dearer ones apart",
          "[data][deal]") {
  testing::LoaderSetup setup;
  {
    ShardWriter writer(setup.folder, {.tokenizer = testing::byte_tokenizer()->fingerprint()});
    for (int i = 0; i < 200; ++i)  // few of them cost much
      writer.add(testing::media_sample(fmt::format("{}", i), Modality::kImage,
                                       {i % 7 == 0 ? 100 : 1, 1, 0, 0},
                                       std::string(40 + static_cast<size_t>(i % 30), 'x')));
    writer.finish();
  }
  setup.sources = {{"image", setup.folder, 1}};
  setup.config.step_rows = 12;
  auto rules = testing::test_rules();
  rules.cost = {.item = [](Modality, const Geometry& geometry) { return double(geometry.width); },
                .row = [](int64_t) { return 10.0; }};
  const auto load = [&](int64_t rank, int64_t world) {
    return std::make_unique<Loader>(setup.config, setup.sources, testing::byte_tokenizer(), rules,
                                    LoaderRank{rank, world});
  };
  auto alone = load(0, 1);
  CHECK(alone->deal().rows.empty());
  for (const int64_t world : {2, 3}) {
    std::vector<std::unique_ptr<Loader>> ranks;
    for (int64_t rank = 0; rank < world; ++rank) ranks.push_back(load(rank, world));
    const auto reference = load(0, 1);
    double spread = 0, in_turn = 0;
    for (int64_t step = 0; step < 8; ++step) {
      std::map<int64_t, testing::Row> rows, expected;
      const auto take = [](Loader& loader, std::map<int64_t, testing::Row>& into) {
        const auto batch = loader.next();
        const auto found = testing::rows_of(batch);
        for (size_t i = 0; i < found.size(); ++i) into[batch.rows[i]] = found[i];
      };
      for (int i = 0; i < 6; ++i) take(*reference, expected);
      for (auto& rank : ranks)
        for (int64_t i = 0; i < 6 / world; ++i) take(*rank, rows);
      REQUIRE(rows == expected);
      CHECK(rows.begin()->first == 12 * step);
      for (auto& rank : ranks) CHECK(rank->deal().spread == ranks[0]->deal().spread);
      spread += ranks[0]->deal().spread;
      in_turn += ranks[0]->deal().spread_in_turn;
    }
    CHECK(spread < in_turn);
  }
}

}  // namespace reka::data
