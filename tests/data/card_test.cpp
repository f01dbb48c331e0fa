#include "data/corpus/card.h"

#include "data/corpus/card_page.h"
#include "data/corpus/language_tiers.h"
#include "data/corpus/report_tables.h"
#include "tests/support/catch.h"
#include "tests/support/temp_folder.h"

namespace reka::data {
namespace {

// So many documents of 10 tokens and 40 bytes each.
void add_documents(const std::string& source, const std::string& language, int count,
                   CorpusReport& report) {
  for (int n = 0; n < count; ++n) {
    Sample sample;
    sample.tokens.resize(10);
    sample.targets = {{0, 10}};
    sample.text_bytes = 40;
    sample.source = source;
    sample.language = language;
    report.add(sample);
    report.add_fate(source, language, {}, 50);
  }
}

CorpusReport made_report() {
  CorpusReport report;
  add_documents("help", "de", 40, report);
  add_documents("help", "fr", 30, report);
  add_documents("help", "ja", 20, report);
  add_documents("help", "nb", 3, report);
  add_documents("notes", "zh-Hant", 4, report);
  add_documents("notes", "", 1, report);
  add_documents("names", "cy", 2, report);
  report.add_fate("help", "de", {.kind = Fate::Kind::kNearDuplicate}, 60);
  report.add_fate("notes", "zh-Hant", {.kind = Fate::Kind::kRule, .of = "short"}, 5);
  report.add_fate("notes", "th", {.kind = Fate::Kind::kEmptied}, 7);
  return report;
}

CorpusOrigin made_origin() {
  const PackageFiles known{.package = "help-pages", .version = "1.2", .files = 3, .bytes = 999};
  const PackageFiles unknown{.package = "names", .files = 1, .bytes = 5};
  return {.stamp = "abc",
          .build_version = 7,
          .detector = "cld2",
          .sources = {{.name = "help", .licence = "MIT", .reader = "html", .packages = {known}},
                      {.name = "notes", .reader = "text", .packages = {{.files = 1}}},
                      {.name = "names", .licence = "MIT", .packages = {known, unknown}}}};
}

CorpusCard made_card() {
  return make_card(made_report(), made_origin(),
                   {.title = "",
                    .description = "Of this and that.",
                    .authors = {"A", "B"},
                    .min_documents = 10,
                    .min_text_bytes = 100,
                    .min_tokens = 50});
}

}  // namespace

TEST_CASE("card: licences add up to all tokens", "[data][card]") {
  const auto card = made_card();
  REQUIRE(card.licences.size() == 2);
  CHECK(card.licences[0].name == "MIT");
  CHECK(card.licences[0].sources == std::vector<std::string>{"help", "names"});
  CHECK(card.licences[0].packages == std::vector<std::string>{"help-pages 1.2", "names"});
  CHECK(card.licences[0].counts.documents == 95);
  CHECK(card.licences[1].name.empty());
  CHECK(card.licences[0].counts.tokens + card.licences[1].counts.tokens == card.total.tokens);
  CHECK(card.share(card.licences[1].counts) == 0.05);
}

TEST_CASE("card: what is not known of a source is named with its share", "[data][card]") {
  const auto card = made_card();
  REQUIRE(card.unclear.size() == 3);
  CHECK(card.unclear[0].source == "notes");
  CHECK(card.unclear[0].missing == std::vector<std::string>{"licence", "package"});
  CHECK(card.unclear[1].source == "names");
  CHECK(card.unclear[1].missing == std::vector<std::string>{"version of the package"});
  CHECK(card.unclear[2].missing == std::vector<std::string>{"language"});
  CHECK(card.unclear[2].counts.documents == 1);
}

TEST_CASE("card: rare languages have the repeats to the middle of their tier", "[data][card]") {
  const auto card = made_card();
  REQUIRE(card.rare.size() == 3);
  CHECK(card.rare[0].language == "cy");
  CHECK(card.rare[0].tier.empty());
  CHECK(card.rare[0].aim == 30);  // of the last tier, in which Norwegian alone is there
  CHECK(card.rare[0].repeats == 2);
  CHECK(card.rare[1].language == "nb");
  CHECK(card.rare[1].tier == "additional");
  CHECK(card.rare[1].repeats == 1);
  CHECK(card.rare[2].language == "zh-Hant");
  CHECK(card.rare[2].aim == 300);  // of 40, 200, 300 and 400
  CHECK(card.rare[2].repeats == 8);
  CHECK(card.absent.size() == 32 - 5);
  CHECK(card.absent[0].language == "en");
}

TEST_CASE("card: the tiers have 32 languages, whatever their script and region", "[data][card]") {
  size_t count = 0;
  for (const auto& tier : language_tiers()) count += tier.languages.size();
  CHECK(count == 32);
  CHECK(tier_of("zh-Hant")->name == "first");
  CHECK(tier_of("pt_BR")->name == "second");
  CHECK(tier_of("nn")->name == "additional");
  CHECK(tier_of("cy") == nullptr);
  CHECK(tier_of("") == nullptr);
}

TEST_CASE("card: kept and dropped add up to what was read", "[data][card]") {
  const auto report = made_report();
  const auto table = fates_by_language(report);
  CHECK(table.columns == std::vector<std::string>{"language", "read", "kept", "rule short",
                                                  "near duplicate", "emptied", "MB read",
                                                  "MB of kept"});
  const auto number = [&](size_t row, size_t column) {
    return std::stoll(table.rows[row][column]);
  };
  const auto all = table.rows.size() - 1;
  CHECK(table.rows[all][0] == "all");
  CHECK(number(all, 1) == 103);
  CHECK(number(all, 2) == report.total().documents);
  for (size_t row = 0; row <= all; ++row) {
    CHECK(number(row, 2) + number(row, 3) + number(row, 4) + number(row, 5) == number(row, 1));
  }
  for (size_t column = 1; column <= 5; ++column) {
    int64_t sum = 0;
    for (size_t row = 0; row < all; ++row) sum += number(row, column);
    CHECK(sum == number(all, column));
  }
}

TEST_CASE("card: files are counted by the package that they stand in", "[data][card]") {
  const testing::TempFolder folder;
  folder.write("packed/.complete", "3.1-2\n");
  folder.write("packed/a.txt", "four");
  folder.write("packed/more/b.txt", "seven..");
  folder.write("loose/c.txt", "one");
  TextConfig text;
  text.path = "*/**/*.txt";
  SourceConfig config{.reader = text, .licence = "MIT"};
  std::vector<Source> sources;
  sources.push_back({"all", config, open_source(config, {"all", folder.path()})});
  const Collection nothing(folder.path());
  const auto origins = origins_of(sources, nothing, folder.path());
  REQUIRE(origins.size() == 1);
  CHECK(origins[0].reader == "text");
  REQUIRE(origins[0].packages.size() == 2);
  CHECK(origins[0].packages[0].package.empty());
  CHECK(origins[0].packages[0].bytes == 3);
  CHECK(name_with_version(origins[0].packages[1]) == "packed 3.1-2");
  CHECK(origins[0].packages[1].files == 2);
  CHECK(origins[0].packages[1].bytes == 11);
}

TEST_CASE("card: the hub's card has a head and the tables of the report", "[data][card]") {
  const auto text =
      card_markdown("made", made_report(), made_card(),
                    {{"near_duplicates", {{"clusters", 3}, {"sizes", {1, 2}}}}}, "data: {}\n");
  CHECK_THAT(text, Catch::Contains("\n\nOf this and that.\n\nBy A, B.\n"));
  CHECK_THAT(text, Catch::EndsWith("```yaml\ndata: {}\n```\n"));
  CHECK_THAT(text, Catch::StartsWith("---\npretty_name: \"made\"\nlicense:\n- \"mit\"\n- "
                                     "\"unknown\"\nlanguage:\n- \"cy\"\n- \"de\"\n"));
  CHECK_THAT(text, Catch::Contains("\"n<1K\""));
  CHECK_THAT(text, Catch::Contains("- near_duplicates: clusters 3\n"));
  CHECK_THAT(text, Catch::Contains("| all | 103 | 100 | 1 | 1 | 1 |"));
  CHECK(markdown({.columns = {"a|b"}, .rows = {{"<i>"}}}) == "| a\\|b |\n| --- |\n| \\<i> |\n");
}

}  // namespace reka::data
