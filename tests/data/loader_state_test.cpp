#include "data/batch/loader_state.h"

#include <map>
#include <set>
#include <span>

#include "data/batch/source_order.h"
#include "reka/base/files.h"
#include "reka/base/json.h"
#include "tests/data/loader_setup.h"
#include "tests/support/testing.h"

namespace reka::data {
namespace {

namespace fs = std::filesystem;
using testing::global_rows;
using testing::ids_of;
using testing::kRow;
using testing::Row;
using testing::rows_of;
using Setup = testing::LoaderSetup;

}  // namespace

TEST_CASE("loader: resuming at any point equals an undisturbed run", "[data][loader]") {
  Setup setup;
  setup.config.threads = 2;
  const auto undisturbed = global_rows(setup, 1, 120);
  auto loader = setup.loader();
  for (size_t given = 0; given < 60; given += 2) {
    const auto text = dump_json(loader.state().to_json());
    const auto state = LoaderState::from_json(parse_json(text, "state"), "state");
    CHECK(state == loader.state());
    const auto world = static_cast<int64_t>(1 + given % 3);
    const auto rows = global_rows(setup, world, 30, &state);
    REQUIRE(std::ranges::equal(rows, std::span(undisturbed).subspan(given, 30)));
    loader.next();
  }
}

TEST_CASE("loader: another plan goes on in groups that were not begun", "[data][loader]") {
  Setup setup;
  setup.sources = {{"text", setup.folder, 1}};
  auto loader = setup.loader();
  std::multiset<uint64_t> seen;
  for (int i = 0; i < 5; ++i) seen.merge(ids_of(loader.next()));
  const auto state = loader.state();
  CHECK(state.next.at("text").epoch == 0);
  CHECK(state.next.at("text").window == 1);

  setup.config.row_tokens = 2 * kRow;
  setup.config.rows = 1;
  auto longer = setup.loader();
  CHECK_FALSE(longer.restore(state));
  const auto windows =
      (shards_of(Manifest::load(setup.folder), "text", Split::kTrain).size() + 3) / 4;
  REQUIRE(windows > 2);
  for (int i = 0; i < 20; ++i)
    for (const auto id : ids_of(longer.next())) CHECK(seen.count(id) == 0);
  CHECK(longer.state().started.at("text") == state.next.at("text"));
  CHECK(longer.restore(longer.state()));
}

TEST_CASE("loader: with other weights each source goes on with its next row", "[data][loader]") {
  Setup setup;
  setup.config.rows = 1;
  const auto rows_of_source = [&](Loader& loader, int count) {
    std::map<std::string, std::vector<Row>> rows;
    for (int i = 0; i < count; ++i) {
      const auto batch = loader.next();
      const auto& name = loader.source_names()[static_cast<size_t>(batch.documents[0].source)];
      rows[name].push_back(rows_of(batch)[0]);
    }
    return rows;
  };
  for (const int stop : {0, 1, 50, 137, 700}) {  // in the middle of groups, and of later epochs
    INFO(stop);
    setup.sources = {{"text", setup.folder, 3}, {"image", setup.folder, 1}};
    auto loader = setup.loader();
    auto got = rows_of_source(loader, stop);
    const auto state = loader.state();
    setup.sources = {{"text", setup.folder, 1}, {"image", setup.folder, 2}};
    auto other = setup.loader();
    CHECK_FALSE(other.restore(LoaderState::from_json(state.to_json(), "state")));
    for (auto& [name, rows] : rows_of_source(other, 60))
      got[name].insert(got[name].end(), rows.begin(), rows.end());
    for (const auto& [name, rows] : got) {
      setup.sources = {{name, setup.folder, 1}};
      auto alone = setup.loader();
      CHECK(rows_of_source(alone, static_cast<int>(rows.size())).at(name) == rows);
    }
  }
}

TEST_CASE("loader: a source of another plan in between keeps its place", "[data][loader]") {
  Setup setup;
  setup.config.rows = 1;
  auto loader = setup.loader();
  for (int i = 0; i < 30; ++i) loader.next();
  const auto state = loader.state();
  setup.sources = {{"image", setup.folder, 1}};
  auto pictures = setup.loader();
  pictures.restore(state);
  for (int i = 0; i < 5; ++i) pictures.next();
  CHECK(pictures.state().next.at("text") == state.next.at("text"));
  CHECK(pictures.state().next.at("image") != state.next.at("image"));
}

TEST_CASE("loader: row counts are kept beside the manifest and checked", "[data][loader]") {
  Setup setup;
  const auto rows = setup.loader().report().rows_per_epoch;
  fs::path counts;
  for (const auto& entry : fs::directory_iterator(setup.folder))
    if (entry.path().filename().string().starts_with("rows-")) counts = entry.path();
  REQUIRE_FALSE(counts.empty());
  CHECK(setup.loader().report().rows_per_epoch == rows);
  auto json = parse_json(read_file(counts), counts.string());
  for (auto& group : json["groups"]) group["rows"] = group["rows"].get<int64_t>() + 1;
  write_file_atomic(counts, dump_json(json));
  auto loader = setup.loader();
  CHECK(loader.report().rows_per_epoch > rows);
  CHECK_THROWS_WITH(loader.next(), Catch::Contains("remove this file"));
  for (const std::string damage : {"", "{\"groups\": [{\"hash\"", "\x89PNG", "[]"}) {
    INFO(damage);
    write_file_atomic(counts, damage);
    CHECK(setup.loader().report().rows_per_epoch == rows);
  }
}

TEST_CASE("loader: UL2R keeps order, resume and coverage though lengths differ by epoch",
          "[data][loader]") {
  Setup setup;
  setup.config.objective = {.causal = 0, .prefix_lm = 50, .regular_spans = 25, .extreme_spans = 25};
  setup.sources = {{"text", setup.folder, 1}};
  const auto counted = [&] {
    size_t groups = 0;
    for (const auto& entry : fs::directory_iterator(setup.folder))
      if (entry.path().filename().string().starts_with("rows-"))
        groups = parse_json(read_file(entry.path()), "rows")["groups"].size();
    return groups;
  };
  setup.loader();
  const auto of_one_epoch = counted();
  const auto expected = global_rows(setup, 1, 1400);
  CHECK(counted() >= 3 * of_one_epoch);  // of later epochs too
  CHECK(global_rows(setup, 3, 1400) == expected);
  auto loader = setup.loader();
  const auto epoch = loader.report().rows_per_epoch;
  REQUIRE(epoch < 700);
  for (int i = 0; i < 600; ++i) loader.next();
  const auto state = loader.state();
  CHECK(std::ranges::equal(global_rows(setup, 2, 200, &state),
                           std::span(expected).subspan(1200, 200)));
  setup.config.rows = 1;
  auto single = setup.loader();
  std::set<uint64_t> seen;
  for (int64_t i = 0; i < epoch; ++i)
    for (const auto id : ids_of(single.next())) seen.insert(id);
  CHECK(seen.size() == 380);
}

}  // namespace reka::data
