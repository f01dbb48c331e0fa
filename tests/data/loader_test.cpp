#include "data/batch/loader.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <set>

#include "data/batch/row.h"
#include "data/shards/writer.h"
#include "reka/base/error.h"
#include "reka/base/files.h"
#include "tests/data/made_samples.h"
#include "tests/support/temp_folder.h"
#include "tests/support/testing.h"

namespace reka::data {
namespace {

namespace fs = std::filesystem;
using testing::byte_tokenizer;
using testing::media_sample;
using testing::TempFolder;

constexpr int64_t kRow = 96;

MediaRules test_rules() {
  return {"four",
          [](Modality, const Geometry&) {
            return MediaLayout{.runs = 1, .tokens_per_run = 4, .times = {}};
          },
          [](const SampleMedia& item) {
            const std::string text(reinterpret_cast<const char*>(item.bytes.data()),
                                   item.bytes.size());
            if (text.find("broken") != std::string::npos) throw DataError("no picture in {}", text);
            return MediaInput{.modality = item.modality, .values = at::zeros({1})};
          }};
}

/// Texts in several groups and pictures in one; a few of both are held out.
void write_corpus(const fs::path& folder, int texts = 400) {
  ShardWriter writer(folder, {.tokenizer = byte_tokenizer()->fingerprint(), .shard_bytes = 6000});
  int number = 0;
  for (auto sample : testing::text_samples(texts, 250, 11)) {
    sample.split = number % 20 == 7 ? Split::kDev : Split::kTrain;
    sample.language = number++ % 3 == 0 ? "de" : "en";
    writer.add(sample);
  }
  for (int i = 0; i < 40; ++i)
    writer.add(media_sample(fmt::format("picture{}", i), Modality::kImage, {8, 8, 0, 0},
                            std::string(static_cast<size_t>(i), 'x')));
  writer.finish();
}

struct Setup {
  TempFolder temporary;
  fs::path folder = temporary.path() / "shards";
  LoaderConfig config{.row_tokens = kRow, .rows = 2, .seed = 5, .threads = 0};
  std::vector<LoaderSource> sources{{"text", folder, 3}, {"image", folder, 1}};

  Setup() { write_corpus(folder); }
  Loader loader(const LoaderRank& rank = {}) const {
    return {config, sources, byte_tokenizer(), test_rules(), rank};
  }
};

/// What a row trains on, tokens and weights included.
using Row = std::string;

std::vector<Row> rows_of(const Batch& batch) {
  const auto* tokens = batch.input.tokens.const_data_ptr<int64_t>();
  const auto* weights = batch.target_weight.const_data_ptr<float>();
  std::vector<Row> rows;
  for (int64_t begin = 0; begin < batch.input.sequence.tokens(); begin += kRow) {
    Row row;
    for (auto i = begin; i < begin + kRow; ++i)
      row += fmt::format("{}{} ", tokens[i], weights[i] > 0 ? "!" : "");
    rows.push_back(row);
  }
  return rows;
}

/// The first `count` global rows as `world` ranks see them.
std::vector<Row> global_rows(const Setup& setup, int64_t world, size_t count,
                             const LoaderState* from = nullptr) {
  std::vector<std::unique_ptr<Loader>> ranks;
  for (int64_t rank = 0; rank < world; ++rank) {
    ranks.push_back(std::make_unique<Loader>(setup.config, setup.sources, byte_tokenizer(),
                                             test_rules(), LoaderRank{rank, world}));
    if (from != nullptr) REQUIRE(ranks.back()->restore(*from));
  }
  std::vector<Row> rows;
  while (rows.size() < count) {
    std::vector<std::vector<Row>> parts;
    for (auto& rank : ranks) parts.push_back(rows_of(rank->next()));
    for (size_t i = 0; i < parts[0].size(); ++i)
      for (const auto& part : parts) rows.push_back(part[i]);
  }
  rows.resize(count);
  return rows;
}

std::multiset<uint64_t> ids_of(const Batch& batch) {
  std::multiset<uint64_t> ids;
  for (const auto& document : batch.documents)
    if (document.sample_id != 0) ids.insert(document.sample_id);
  return ids;
}

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

TEST_CASE("loader: samples that may not be cut are refused by name when too long",
          "[data][loader]") {
  Setup setup;
  setup.config.row_tokens = 32;
  const auto report = setup.loader().report();
  // <image> 4 placeholders </image> i x's <eos>: 7 + i tokens.
  CHECK(report.num_refused == 40 - 26);
  REQUIRE_FALSE(report.refused.empty());
  CHECK(report.refused[0].document == "image");
  CHECK(report.refused[0].finding == "picture26: 33 tokens");
  setup.config.row_tokens = 6;
  CHECK_THROWS_WITH(setup.loader(), Catch::Contains("\"image\" has no rows"));
}

TEST_CASE("loader: a medium that the model has no room for is refused when rows are planned",
          "[data][loader]") {
  Setup setup;
  auto rules = test_rules();
  rules.length = [length = rules.length](Modality modality, const Geometry& geometry) {
    if (geometry.width > 8) throw DataError("image: is too wide");
    return length(modality, geometry);
  };
  {
    ShardWriter writer(setup.folder, {.tokenizer = byte_tokenizer()->fingerprint()});
    for (int i = 0; i < 10; ++i)
      writer.add(media_sample(fmt::format("picture{}", i), Modality::kImage,
                              {i == 3 ? 9 : 8, 8, 0, 0}, "a picture"));
    writer.finish();
  }
  setup.sources = {{"image", setup.folder, 1}};
  const Loader loader(setup.config, setup.sources, byte_tokenizer(), rules);
  const auto report = loader.report();
  CHECK(report.num_refused == 1);
  REQUIRE(report.refused.size() == 1);
  CHECK(report.refused[0].finding == "picture3: image: is too wide");
  CHECK(report.quarantined.empty());
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

TEST_CASE("loader: damaged and undecodable samples are named and replaced, the same on every rank",
          "[data][loader]") {
  Setup setup;
  {
    ShardWriter writer(setup.folder, {.tokenizer = byte_tokenizer()->fingerprint()});
    for (int i = 0; i < 40; ++i)
      writer.add(media_sample(fmt::format("{}{}", i % 10 == 3 ? "broken" : "fine", i),
                              Modality::kImage, {8, 8, 0, 0}, "a picture"));
    writer.finish();
  }
  // One flipped byte in the bytes of a picture.
  const auto file = setup.folder / "image-train-00000.shard";
  auto bytes = read_file(file);
  bytes[bytes.find("bytes of fine20")] = 'B';
  write_file_atomic(file, bytes);
  setup.sources = {{"image", setup.folder, 1}};
  const auto expected = global_rows(setup, 1, 12);
  CHECK(global_rows(setup, 3, 12) == expected);
  setup.config.threads = 3;
  CHECK(global_rows(setup, 2, 12) == expected);

  auto loader = setup.loader();
  for (int i = 0; i < 8; ++i)
    for (const auto& document : loader.next().documents)
      CHECK((document.sample_id == 0 || document.text_bytes == 9));
  std::vector<std::string> names;
  for (const auto& refused : loader.report().quarantined) names.push_back(refused.document);
  CHECK(names == std::vector<std::string>{"image/broken13", "image/broken23", "image/broken3",
                                          "image/broken33", "image/fine20"});
  setup.config.max_quarantined = 2;
  auto strict = setup.loader();
  CHECK_THROWS_WITH(
      [&] {
        for (int i = 0; i < 8; ++i) strict.next();
      }(),
      Catch::Contains("more than 2 samples are damaged"));
}

TEST_CASE("loader: a damaged sample of a held-out split is left out, not replaced",
          "[data][loader]") {
  Setup setup;
  setup.config.split = Split::kDev;
  const auto count = [&] {
    auto loader = setup.loader();
    std::multiset<uint64_t> seen;
    while (!loader.finished()) seen.merge(ids_of(loader.next()));
    return std::pair(seen, loader.report().quarantined);
  };
  const auto [whole, none] = count();
  CHECK(none.empty());
  const auto file = setup.folder / "text-dev-00000.shard";
  auto bytes = read_file(file);
  ShardHeader header;
  std::memcpy(&header, bytes.data(), sizeof(header));
  bytes[header.section(Section::kTokens).offset] ^= 1;
  write_file_atomic(file, bytes);
  const auto [left, quarantined] = count();
  REQUIRE(quarantined.size() == 1);
  const auto damaged = ShardReader(file).id(0);
  CHECK(left.size() == whole.size() - whole.count(damaged));
  CHECK(left.count(damaged) == 0);
}

TEST_CASE("loader: an error of a thread is thrown by next, again and again", "[data][loader]") {
  Setup setup;
  setup.config.threads = 2;
  auto rules = test_rules();
  rules.decode = [](const SampleMedia&) -> MediaInput { throw std::runtime_error("no memory"); };
  Loader loader(setup.config, setup.sources, byte_tokenizer(), rules);
  const auto drain = [&] {
    for (int i = 0; i < 100; ++i) loader.next();
  };
  CHECK_THROWS_WITH(drain(), "no memory");
  CHECK_THROWS_WITH(loader.next(), "no memory");
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

TEST_CASE("loader: missing sources, folders and other tokenizers are named", "[data][loader]") {
  Setup setup;
  setup.sources = {{"nothing", setup.folder, 1}};
  CHECK_THROWS_WITH(setup.loader(), Catch::Contains("no source \"nothing\""));
  setup.sources = {{"text", setup.temporary.path() / "absent", 1}};
  CHECK_THROWS_WITH(setup.loader(), Catch::Contains("no manifest.json"));
  { ShardWriter(setup.folder, {.tokenizer = 1}).finish(); }
  setup.sources = {{"text", setup.folder, 1}};
  CHECK_THROWS_WITH(setup.loader(), Catch::Contains("made with tokenizer"));
}

}  // namespace reka::data
