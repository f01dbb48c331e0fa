#include <algorithm>

#include "data/build.h"
#include "data/corpus/lineage.h"
#include "data/corpus/signal_file.h"
#include "data/corpus/what_if.h"
#include "data/shards/reader.h"
#include "data/tokens/tokenizer.h"
#include "reka/base/files.h"
#include "reka/base/json.h"
#include "tests/data/small_corpus.h"
#include "tests/support/catch.h"
#include "tests/support/temp_folder.h"

namespace reka::data {
namespace {

namespace fs = std::filesystem;
using testing::small_config;
using testing::TempFolder;
using testing::write_pages;

}  // namespace

TEST_CASE("build: rules drop documents, whose signals stay beside the shards", "[data][build]") {
  const TempFolder folder;
  write_pages(folder);
  auto config = small_config(folder);
  config.tokenizer.emplace<TokenizerTrainConfig>().vocab_size = 400;
  config.rules = {{"short", {.signal = "text.characters", .limits = {.min = 79}}}};
  build_corpus(config);
  const fs::path shards = config.folder;
  const SignalFile signals(shards / kSignalsName);
  CHECK(signals.num_rows() == 122);
  const auto counts = count_by_rules(rules_of_build(shards), signals);
  const auto dropped = counts.rules.at(0).dropped.documents;
  CHECK(dropped > 2);
  const auto report = testing::report_of(config);
  CHECK(report["fates"]["rule short"] == dropped);
  CHECK(report["stages"]["rules"]["short"]["dropped"] == dropped);
  CHECK(report["stages"]["rules"]["short"]["examples"].size() == 5);
  CHECK(report["total"]["documents"] == counts.kept.documents);

  // Other rules are counted without reading the pages again, and a build with them agrees.
  auto other = config.rules;
  other[0].second.limits = {.max = 80};
  const auto expected = count_by_rules(other, signals).kept.documents;
  CHECK(expected != counts.kept.documents);
  config.rules = other;
  build_corpus(config);
  const auto fates = testing::report_of(config)["fates"];
  CHECK(fates["kept"].get<int64_t>() + fates["exact duplicate"].get<int64_t>() == expected);
}

TEST_CASE("build: personal data is counted, and replaced when asked for", "[data][build]") {
  const TempFolder folder;
  write_pages(folder);
  folder.write("pages/nl/text/a.html",
               "<p>Schrijf naar jane@site.io of bel 93.184.216.34 voor meer woorden.</p>");
  auto config = small_config(folder);
  const auto text_of_page = [&] {
    std::string text;
    for (const auto split : {Split::kTrain, Split::kDev, Split::kTest}) {
      visit_samples(config.folder, split, [&](Sample&& sample) {
        if (sample.document_id != "nl/text/a.html") return true;
        sample.tokens.pop_back();
        text = Tokenizer::load(config.folder)->decode(sample.tokens);
        return false;
      });
    }
    return text;
  };
  build_corpus(config);
  const auto column = static_cast<size_t>(find_signal("personal.emails"));
  const SignalFile signals(fs::path(config.folder) / kSignalsName);
  const auto emails = signals.groups()[0].signals[column];
  CHECK(std::count(emails.begin(), emails.end(), 1.0F) == 1);
  CHECK(text_of_page().find("jane@site.io") != std::string::npos);
  config.prepare.personal_data.value = "replace";
  build_corpus(config);
  CHECK(text_of_page().starts_with("Schrijf naar "));
  CHECK(text_of_page().find("jane@site.io") == std::string::npos);
  CHECK(text_of_page().find("93.184.216.34") == std::string::npos);
  CHECK(text_of_page().find("@example.") != std::string::npos);
}

TEST_CASE("build: a sample leads to its signals and rules, and knows how many were alike",
          "[data][build]") {
  const TempFolder folder;
  write_pages(folder);
  auto config = small_config(folder);
  config.rules = {
      {"short", {.signal = "text.characters", .limits = {.min = 20}}},
      {"german", {.signal = "gopher.words", .limits = {.max = 1000}, .languages = {"de"}}}};
  build_corpus(config);
  const auto lineage = Lineage::open(config.folder);
  REQUIRE(lineage);
  const SignalFile signals(fs::path(config.folder) / kSignalsName);
  const auto column = static_cast<size_t>(find_signal("text.characters"));
  int64_t samples = 0, with_copy = 0;
  for (const auto split : {Split::kTrain, Split::kDev, Split::kTest}) {
    visit_samples(config.folder, split, [&](Sample&& sample) {
      ++samples;
      REQUIRE(sample.origin.row < signals.num_rows());
      CHECK(signals.groups()[0].id(sample.origin.row) == sample.document_id);  // of one source
      const auto passed = lineage->rules(sample.source, sample.origin.row, sample.document_id);
      REQUIRE(passed.size() == (sample.language == "de" ? 2 : 1));
      CHECK(passed[0].name == "short");
      CHECK(passed[0].value == signals.groups()[0].signals[column][sample.origin.row]);
      CHECK(passed[0].bounds.min == 20);
      CHECK_FALSE(passed[0].to_json().contains("max"));
      if (sample.origin.alike == 1) return true;
      ++with_copy;
      CHECK(sample.origin.alike == 2);
      CHECK(sample.document_id == "fr/text/0.html");
      return true;
    });
  }
  CHECK(samples == 121);
  CHECK(with_copy == 1);
  CHECK_THROWS_WITH(lineage->rules("pages", 0, "another"),
                    Catch::Contains("is not of document another"));
  CHECK_FALSE(Lineage::open(folder.path()));
}

TEST_CASE("build: a document more in one source leaves the shards of the others as they are",
          "[data][build]") {
  const TempFolder folder;
  write_pages(folder);
  folder.write("notes.jsonl", "{\"text\": \"a first note, of some length\"}\n");
  auto config = small_config(folder);
  build_corpus(config);
  folder.write("tokenizer.model", read_file(fs::path(config.folder) / "tokenizer.model"));
  config.tokenizer = TokenizerFileConfig{(folder.path() / "tokenizer.model").string()};
  config.rules = {{"short", {.signal = "text.characters", .limits = {.min = 20}}}};
  JsonLinesConfig notes;
  notes.path = "notes.jsonl";
  config.sources.insert(config.sources.begin(), {"notes", {.reader = notes}});
  const auto pages = [&] {
    build_corpus(config);
    auto files = contents(config.folder);
    std::erase_if(files, [](const auto& file) { return !file.first.starts_with("pages-"); });
    return files;
  };
  const auto before = pages();
  CHECK(before.size() == 3);
  folder.write("notes.jsonl",
               "{\"text\": \"a first note, of some length\"}\n"
               "{\"text\": \"and one more, of some length\"}\n");
  CHECK(pages() == before);
  const auto lineage = Lineage::open(config.folder);
  visit_samples(config.folder, Split::kTrain, [&](Sample&& sample) {
    CHECK(lineage->rules(sample.source, sample.origin.row, sample.document_id).size() == 1);
    return true;
  });
}

TEST_CASE("build: rules that keep nothing are an error that says what dropped how much",
          "[data][build]") {
  const TempFolder folder;
  write_pages(folder);
  auto config = small_config(folder);
  config.rules = {{"long", {.signal = "text.characters", .limits = {.min = 1e9}}}};
  CHECK_THROWS_WITH(build_corpus(config),
                    Catch::Contains("is kept (rule long: 122): must keep some"));
}

}  // namespace reka::data
