#include "data/build.h"
#include "data/shards/reader.h"
#include "reka/base/files.h"
#include "reka/base/json.h"
#include "reka/base/random.h"
#include "tests/data/made_media.h"
#include "tests/data/small_corpus.h"
#include "tests/support/catch.h"
#include "tests/support/temp_folder.h"

namespace reka::data {
namespace {

namespace fs = std::filesystem;
using testing::built;
using testing::contents;
using testing::report_of;
using testing::small_config;
using testing::TempFolder;
using testing::write_pages;

}  // namespace

TEST_CASE("build: near duplicates are kept once where the config says so", "[data][build]") {
  const TempFolder folder;
  const auto made_words = [](uint64_t topic, int count) {
    std::string words;
    for (int n = 0; n < count; ++n) {
      auto bits = mix64(topic, n);
      for (; bits % 8 > 0; bits /= 32) words += static_cast<char>('a' + bits / 8 % 26);
      words += n % 9 == 8 ? '\n' : ' ';
    }
    return words;
  };
  for (int n = 0; n < 40; ++n) {
    folder.write(fmt::format("pages/en/{}.txt", n), made_words(n, 300));
    folder.write(fmt::format("pages/de/{}.txt", n),
                 (n % 2 == 0 ? made_words(99, 300) : made_words(n + 50, 200)) + made_words(n, 2));
  }
  auto config = small_config(folder);
  TextConfig text;
  text.path = "pages/{language}/*.txt";
  text.min_characters = 10;
  config.sources = {{"texts", {.reader = text}}};
  build_corpus(config);
  CHECK_FALSE(report_of(config)["fates"].contains("near duplicate"));
  config.near_duplicates = NearDuplicateConfig{};
  build_corpus(config);
  const auto report = report_of(config);
  CHECK(report["fates"]["near duplicate"] >= 15);
  CHECK(report["stages"]["near_duplicates"]["dropped"] == report["fates"]["near duplicate"]);
  const auto page = read_file(fs::path(config.folder) / "report.html");
  CHECK_THAT(page, Catch::Contains("Near duplicates"));
  const auto first = contents(config.folder);
  config.threads = 4;
  CHECK(built(config) == first);
}

TEST_CASE("build: media duplicates and media of evaluation sets go where the config says so",
          "[data][build]") {
  const TempFolder folder;
  write_pages(folder);
  for (int n = 0; n < 4; ++n) {
    const auto image = testing::scene(static_cast<uint64_t>(n), 90, 120);
    folder.write(fmt::format("one/{}.png", n), testing::encoded(image, ".png"));
    folder.write(fmt::format("one/{}.txt", n), fmt::format("the first words for {}", n));
    folder.write(fmt::format("two/{}.jpg", n), testing::encoded(image.flip(2), ".jpg"));
    folder.write(fmt::format("two/{}.txt", n), fmt::format("other words for {}", n));
    if (n == 3) folder.write("exam/question.jpg", testing::encoded(image, ".jpg"));
  }
  auto config = small_config(folder);
  const SplitConfig none{.modulus = 1, .test = 0, .dev = 0};
  for (const std::string name : {"one", "two"}) {
    config.sources.push_back(
        {name, {.reader = MediaFolderConfig{.path = name + "/*", .split = none}}});
  }
  const auto rebuilt = [&] {
    build_corpus(config);
    return report_of(config);
  };
  CHECK(rebuilt()["sources"]["two"]["fates"] == Json{{"kept", 4}});
  config.media_duplicates = MediaDuplicateConfig{};
  auto report = rebuilt();
  CHECK(report["sources"]["two"]["fates"] == Json{{"media duplicate", 4}});
  visit_samples(config.folder, Split::kTrain, [](Sample&& sample) {
    if (sample.source == "one") CHECK(sample.origin.alike == 2);
    return true;
  });
  const auto& graph = report["stages"]["duplicate_graph"];
  CHECK(graph["source_pairs"] ==
        Json::array({{{"sources", {"one", "two"}}, {"kind", "alike image"}, {"edges", 4}},
                     {{"sources", {"pages", "pages"}}, {"kind", "exact document"}, {"edges", 1}}}));
  CHECK(graph["clusters"][0]["members"][0]["text"] == "the first words for 0");
  CHECK(graph["clusters"][0]["members"][1]["text"] == "other words for 0");
  config.media_duplicates = KeepMediaDuplicatesConfig{};
  config.decontaminate.media_sets = {{"exam", {.path = "exam/*"}}};
  report = rebuilt();
  CHECK(report["sources"]["one"]["fates"] == Json{{"kept", 3}, {"contaminated by exam", 1}});
  CHECK(report["sources"]["two"]["fates"] == Json{{"kept", 3}, {"contaminated by exam", 1}});
  // Another evaluation picture is another corpus.
  folder.write("exam/more.png", read_file(folder.path() / "one/0.png"));
  CHECK(rebuilt()["fates"]["contaminated by exam"] == 4);
}

}  // namespace reka::data
