#include <cstring>
#include <set>

#include "data/batch/loader.h"
#include "data/shards/reader.h"
#include "data/shards/writer.h"
#include "reka/base/error.h"
#include "reka/base/files.h"
#include "tests/data/loader_setup.h"
#include "tests/support/testing.h"

namespace reka::data {
namespace {

using testing::byte_tokenizer;
using testing::global_rows;
using testing::ids_of;
using testing::media_sample;
using testing::test_rules;
using Setup = testing::LoaderSetup;

}  // namespace

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
  CHECK(names == std::vector<std::string>{"image/broken3", "image/broken13", "image/fine20",
                                          "image/broken23", "image/broken33"});
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

TEST_CASE("loader: a flipped bit in any part of a shard is refused by name or costs one sample",
          "[data][loader]") {
  Setup setup;
  setup.sources = {{"image", setup.folder, 1}};
  const auto rows = setup.loader().report().rows_per_epoch;  // they are counted from here on
  const auto file = setup.folder / "image-train-00000.shard";
  const auto whole = read_file(file);
  ShardHeader header;
  std::memcpy(&header, whole.data(), sizeof(header));
  std::vector<std::pair<size_t, bool>> places = {{20, true}, {whole.size() - 20, true}};
  for (size_t i = 0; i < kNumSections; ++i) {
    const auto& section = header.sections[i];
    const auto name = static_cast<Section>(i);
    const bool structure = name != Section::kTokens && name != Section::kBlobs;
    for (const auto part : {0, 1, 2})
      places.emplace_back(section.offset + (section.length - 1) * part / 2, structure);
  }
  for (const auto& [place, refused] : places) {
    INFO("byte " << place << " of " << whole.size());
    auto bytes = whole;
    bytes[place] = static_cast<char>(bytes[place] ^ 4);
    write_file_atomic(file, bytes);
    auto loader = setup.loader();
    std::string message;
    try {
      for (int64_t i = 0; i < rows / setup.config.rows + 1; ++i) loader.next();
    } catch (const DataError& error) {
      message = error.what();
    }
    CHECK(message.starts_with(file.string() + ": ") == refused);
    CHECK(loader.report().quarantined.size() == (refused ? 0 : 1));
  }
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
