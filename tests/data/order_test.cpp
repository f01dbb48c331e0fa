#include "data/batch/order.h"

#include <algorithm>
#include <map>
#include <set>
#include <span>

#include "data/shards/reader.h"
#include "data/shards/writer.h"
#include "reka/base/error.h"
#include "tests/data/loader_setup.h"
#include "tests/support/testing.h"

namespace reka::data {
namespace {

using testing::byte_tokenizer;
using testing::global_rows;
using testing::ids_of;
using testing::TempFolder;
using testing::test_rules;
using testing::text_samples;
using Setup = testing::LoaderSetup;

/// How often each sample of a source is met in `count` batches of one row.
std::multiset<uint64_t> ids_in(Loader& loader, const std::string& source, int64_t count) {
  std::multiset<uint64_t> ids;
  for (int64_t i = 0; i < count; ++i) {
    const auto batch = loader.next();
    const auto& name = loader.source_names()[static_cast<size_t>(batch.documents[0].source)];
    if (name == source) ids.merge(ids_of(batch));
  }
  return ids;
}

std::multiset<uint64_t> ids_of_split(const std::filesystem::path& folder,
                                     const std::string& source) {
  std::multiset<uint64_t> ids;
  const auto manifest = Manifest::load(folder);
  for (const auto shard : shards_of(manifest, source, Split::kTrain)) {
    const ShardReader reader(folder, manifest, shard);
    for (size_t i = 0; i < reader.size(); ++i) ids.insert(reader.id(i));
  }
  return ids;
}

/// The first `count` of the same endless list of texts.
std::filesystem::path write_texts(const std::filesystem::path& folder, int count,
                                  const std::string& before = "") {
  ShardWriter writer(folder, {.tokenizer = byte_tokenizer()->fingerprint(), .shard_bytes = 6000});
  if (!before.empty()) {
    writer.add_source({.name = before});
    auto sample = testing::text_sample("first", "another source before it");
    sample.source = before;
    writer.add(sample);
  }
  for (const auto& sample : text_samples(count, 80, 3)) writer.add(sample);
  writer.finish();
  return folder;
}

std::unique_ptr<Loader> text_loader(const std::filesystem::path& folder, int64_t repeat = 0) {
  const LoaderConfig config{.row_tokens = testing::kRow, .rows = 1, .seed = 5, .threads = 0};
  return std::make_unique<Loader>(config, std::vector<LoaderSource>{{"text", folder, 1, repeat}},
                                  byte_tokenizer(), test_rules());
}

}  // namespace

TEST_CASE("order: a source at its limit leaves the mixture and the others go on", "[data][order]") {
  Setup setup;
  setup.config.rows = 1;
  setup.sources[1].repeat = 2;
  auto loader = setup.loader();
  const auto pictures = loader.report().source_rows[1];
  const auto whole = ids_of_split(setup.folder, "image");
  auto twice = whole;
  twice.insert(whole.begin(), whole.end());
  const auto last = 4 * 2 * pictures;  // 3 rows of text to one with pictures
  CHECK(ids_in(loader, "image", last) == twice);
  CHECK_FALSE(loader.rows_left());
  CHECK(loader.exhausted().empty());
  for (int i = 0; i < 4; ++i) loader.next();  // its turn comes once in four rows
  CHECK(loader.exhausted() == std::vector<std::string>{"image"});
  CHECK(ids_in(loader, "image", 3 * pictures).empty());

  const auto undisturbed = global_rows(setup, 1, static_cast<size_t>(last) + 20);
  for (const int64_t given : {last - 3, last, last + 1}) {
    auto part = setup.loader();
    for (int64_t i = 0; i < given; ++i) part.next();
    const auto state = part.state();
    for (const int64_t world : {1, 3}) {
      const auto rows = global_rows(setup, world, 12, &state);
      CHECK(std::ranges::equal(rows, std::span(undisturbed).subspan(given, 12)));
    }
  }
}

TEST_CASE("order: a limit counts the epochs of the run, whatever plan they were read in",
          "[data][order]") {
  Setup setup;
  setup.config.rows = 1;
  auto loader = setup.loader();
  const auto pictures = loader.report().source_rows[1];
  auto seen = ids_in(loader, "image", 4 * (pictures / 2));
  const auto state = loader.state();
  setup.sources = {{"text", setup.folder, 1}, {"image", setup.folder, 2, 1}};
  auto other = setup.loader();
  CHECK_FALSE(other.restore(state));
  seen.merge(ids_in(other, "image", 6 * pictures));
  CHECK(seen == ids_of_split(setup.folder, "image"));
  CHECK(other.exhausted() == std::vector<std::string>{"image"});
  setup.sources[1].repeat = 3;  // a larger one takes it in again
  auto again = setup.loader();
  CHECK_FALSE(again.restore(other.state()));
  CHECK(again.exhausted().empty());
  CHECK_FALSE(ids_in(again, "image", 10).empty());
}

TEST_CASE("order: behind the limits of all sources there are no rows", "[data][order]") {
  Setup setup;
  setup.config.rows = 1;
  setup.sources = {{"text", setup.folder, 3, 1}, {"image", setup.folder, 1, 2}};
  auto loader = setup.loader();
  const auto rows = loader.report().source_rows;
  const auto all = rows[0] + 2 * rows[1];
  CHECK(loader.rows_left() == all);
  std::multiset<uint64_t> seen;
  for (int64_t i = 0; i < all; ++i) seen.merge(ids_of(loader.next()));
  auto expected = ids_of_split(setup.folder, "image");
  expected.merge(ids_of_split(setup.folder, "image"));
  for (const auto id : expected) CHECK(seen.count(id) == expected.count(id));
  CHECK(loader.rows_left() == 0);
  CHECK_THROWS_WITH(loader.next(), Catch::Contains("every source was repeated as often"));
}

TEST_CASE("order: shards that were added come in without what was seen before its turn",
          "[data][order]") {
  const TempFolder temporary;
  const auto before = write_texts(temporary.path() / "before", 500);
  const auto after = write_texts(temporary.path() / "after", 900);
  const auto manifest = Manifest::load(before);
  auto loader = text_loader(before);
  std::multiset<uint64_t> seen;
  for (int64_t i = 0; i < 60; ++i) seen.merge(ids_of(loader->next()));
  const auto state = loader->state();
  const auto windows = state.next.at("text").window;
  REQUIRE(windows > 0);

  auto grown = text_loader(after, /*repeat=*/1);
  CHECK_FALSE(grown->restore(LoaderState::from_json(state.to_json(), "state")));
  REQUIRE(grown->changes(state).size() == 1);
  CHECK_THAT(grown->changes(state)[0], Catch::Contains("shards were added"));
  std::multiset<uint64_t> rest;
  while (grown->rows_left() > 0) rest.merge(ids_of(grown->next()));
  // The last shard was filled up: its samples are the only ones that may come again.
  const ShardReader last(before, manifest, shards_of(manifest, "text", Split::kTrain).back());
  std::set<uint64_t> filled;
  for (size_t i = 0; i < last.size(); ++i) filled.insert(last.id(i));
  auto pieces = text_loader(after, 1);
  std::multiset<uint64_t> epoch;
  while (pieces->rows_left() > 0) epoch.merge(ids_of(pieces->next()));
  size_t again = 0;
  for (const auto id : std::set<uint64_t>(seen.begin(), seen.end()))
    again += filled.count(id) == 0 && seen.count(id) + rest.count(id) > epoch.count(id);
  CHECK(again == 0);
  for (const auto& sample : text_samples(900, 80, 3)) {
    const auto number = std::stoi(sample.document_id.substr(3));
    if (number < 500) continue;
    const auto id = content_hash(sample.tokens, sample.targets, {});
    CHECK(rest.count(id) == epoch.count(id));
  }

  for (int step = 0; step < 2; ++step) {  // and grown once more, in the middle of it
    auto part = text_loader(after, 1);
    part->restore(state);
    std::multiset<uint64_t> got = seen;
    for (int i = 0; i < 40; ++i) got.merge(ids_of(part->next()));
    auto third = text_loader(write_texts(temporary.path() / "third", 1100), 1);
    CHECK_FALSE(third->restore(LoaderState::from_json(part->state().to_json(), "state")));
    const auto middle = third->state();
    auto whole = text_loader(temporary.path() / "third", 1);
    std::multiset<uint64_t> once;
    while (whole->rows_left() > 0) once.merge(ids_of(whole->next()));
    auto same = text_loader(temporary.path() / "third", 1);
    CHECK(same->restore(middle));
    while (third->rows_left() > 0) {
      const auto ids = ids_of(third->next());
      CHECK(ids_of(same->next()) == ids);
      for (const auto id : ids) got.insert(id);
    }
    size_t repeated = 0;
    for (const auto& sample : text_samples(400, 80, 3)) {  // none in a last shard
      const auto id = content_hash(sample.tokens, sample.targets, {});
      repeated += got.count(id) > std::max<size_t>(once.count(id), 1);
    }
    CHECK(repeated == 0);
  }
}

TEST_CASE("order: what else a folder holds does not change the rows of a source", "[data][order]") {
  const TempFolder temporary;
  auto alone = text_loader(write_texts(temporary.path() / "alone", 300));
  auto beside = text_loader(write_texts(temporary.path() / "beside", 300, "before"));
  for (int i = 0; i < 30; ++i)
    CHECK(testing::rows_of(alone->next()) == testing::rows_of(beside->next()));
}

TEST_CASE("order: what another mixture changes is told by source", "[data][order]") {
  Setup setup;
  auto loader = setup.loader();
  for (int i = 0; i < 10; ++i) loader.next();
  const auto state = loader.state();
  setup.sources = {{"text", setup.folder, 2, 3}};
  auto other = setup.loader();
  other.restore(state);
  const auto lines = other.changes(state);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] ==
        "text: weight 2, at most 3 epochs (before: weight 3); goes on behind row 15 of epoch 1");
  CHECK(lines[1] == "image: leaves the mixture behind row 5 of epoch 1");
  auto back = setup.loader();
  setup.sources = {{"text", setup.folder, 2, 3}, {"image", setup.folder, 1}};
  auto third = setup.loader();
  third.restore(other.state());
  REQUIRE(third.changes(other.state()).size() == 1);
  CHECK(third.changes(other.state())[0] ==
        "image: joins the mixture with weight 1; goes on behind row 5 of epoch 1");
}

}  // namespace reka::data
