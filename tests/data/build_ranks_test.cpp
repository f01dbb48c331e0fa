#include <cstdlib>
#include <map>

#include "data/build.h"
#include "data/corpus/packing.h"
#include "reka/base/error.h"
#include "reka/base/files.h"
#include "reka/parallel/launch.h"
#include "reka/parallel/supervise.h"
#include "tests/data/media_files.h"
#include "tests/data/small_corpus.h"
#include "tests/support/catch.h"
#include "tests/support/temp_folder.h"

namespace reka::data {
namespace {

namespace fs = std::filesystem;
using testing::contents;
using testing::small_config;
using testing::TempFolder;
using testing::write_pages;

// Every stage has something to do, in several sources.
CorpusConfig config_of(const fs::path& folder, const std::string& name, int64_t vocabulary) {
  auto config = small_config(folder);
  config.folder = (folder / name).string();
  config.tokenizer.emplace<TokenizerTrainConfig>().vocab_size = vocabulary;
  TextConfig text;
  text.min_characters = 10;
  for (const std::string language : {"en", "de", "nl"}) {
    text.path = "texts/" + language + "/*.txt";
    config.sources.push_back({"texts_" + language, {.reader = text, .language = language}});
  }
  config.sources.push_back({"pack", {.reader = JsonLinesConfig{{.path = "pack/*.jsonl"}}}});
  config.prepare.measure_media = true;
  config.rules = {{"short", {.signal = "text.characters", .limits = {.min = 40}}}};
  config.near_duplicates = NearDuplicateConfig{};
  RepeatedParagraphConfig once;
  once.min_characters = 20;
  config.paragraphs = once;
  config.decontaminate.ngram = config.decontaminate.longest = 6;
  config.decontaminate.sets.emplace_back("exam", EvaluationSetConfig{.path = "exam.jsonl"});
  config.fertility.tokenizers.emplace_back("other", (folder / "other").string());
  config.threads = 2;
  return config;
}

void write_texts(const TempFolder& folder) {
  write_pages(folder);
  for (const std::string language : {"en", "de", "nl"}) {
    for (int n = 0; n < 20; ++n) {
      std::string words;
      for (int word = 0; word < 60; ++word)
        words += fmt::format("{}w{} ", language, (n % 15) * 1000 + word);
      const auto ending = n >= 15 ? fmt::format("and an end of its own {}", n) : std::string();
      folder.write(fmt::format("texts/{}/{}.txt", language, n),
                   fmt::format("{}{}\n\nA line that stands in all texts of all languages.\n", words,
                               ending));
    }
  }
  folder.write("texts/nl/exam.txt", "Here it says that six words of an exam stand in a text.");
  folder.write("exam.jsonl", "{\"id\": \"1\", \"question\": \"six words of an exam stand\"}\n");
  folder.write("pack/a.png", testing::golden("rgb.png"));
  folder.write("pack/a.jsonl",
               "{\"text\": \"one picture of some words for it\", \"image\": \"a.png\"}\n");
  auto other = small_config(folder);
  other.folder = (folder.path() / "other").string();
  build_corpus(other);
}

int build_by(int64_t ranks, const fs::path& folder, const std::string& name, int64_t vocabulary) {
  setenv("REKA_TEST_FOLDER", folder.c_str(), 1);
  setenv("REKA_TEST_NAME", name.c_str(), 1);
  setenv("REKA_TEST_VOCABULARY", std::to_string(vocabulary).c_str(), 1);
  const auto self = fs::read_symlink("/proc/self/exe").string();
  return supervise({{self, "build: one rank of several"}, ranks});
}

struct Nested {
  std::vector<std::pair<uint64_t, std::optional<std::string>>> pairs;
  std::vector<float> numbers;
  bool flag = false;

  static auto members(auto& self) { return std::tie(self.pairs, self.numbers, self.flag); }
  bool operator==(const Nested&) const = default;
};

}  // namespace

TEST_CASE("build: any number of ranks makes the same bytes as one", "[data][build][ranks]") {
  const TempFolder folder;
  write_texts(folder);
  build_corpus(config_of(folder.path(), "shards", 512));
  fs::rename(folder.path() / "shards", folder.path() / "alone");  // pages have the folder's name
  const auto report = parse_json(read_file(folder.path() / "alone/report.json"), "report");
  for (const auto* fate : {"rule short", "near duplicate", "contaminated by exam"})
    CHECK(report["fates"][fate] > 0);
  const auto want = contents(folder.path() / "alone");
  for (const int64_t ranks : {2, 3}) {
    INFO(ranks);
    REQUIRE(build_by(ranks, folder.path(), "shards", 512) == 0);
    const auto made = contents(folder.path() / "shards");
    CHECK(made.size() == want.size());
    for (const auto& [file, bytes] : made) {
      INFO(file);
      CHECK((bytes == want.at(file)));
    }
    REQUIRE(build_by(ranks, folder.path(), "shards", 512) == 0);  // is up to date
    fs::remove_all(folder.path() / "shards");
  }
}

TEST_CASE("build: what several ranks had read before an error is there for one, and the reverse",
          "[data][build][ranks]") {
  const TempFolder folder;
  write_texts(folder);
  build_corpus(config_of(folder.path(), "mixed", 512));
  const auto want = contents(folder.path() / "mixed");
  fs::remove_all(folder.path() / "mixed");
  CHECK(build_by(3, folder.path(), "mixed", 100'000) == 1);  // all is read, no more
  CHECK_THROWS_AS(build_corpus(config_of(folder.path(), "mixed", 90'000)), DataError);
  REQUIRE(build_by(2, folder.path(), "mixed", 512) == 0);
  for (const auto& [file, bytes] : contents(folder.path() / "mixed")) {
    INFO(file);
    CHECK((bytes == want.at(file)));
  }
  for (const auto& entry : fs::directory_iterator(folder.path()))
    CHECK_FALSE(entry.path().filename().string().starts_with(".mixed"));
}

TEST_CASE("build: one rank of several", "[.]") {
  const auto config = config_of(std::getenv("REKA_TEST_FOLDER"), std::getenv("REKA_TEST_NAME"),
                                std::stoll(std::getenv("REKA_TEST_VOCABULARY")));
  build_corpus(config, read_launch());
}

TEST_CASE("packing: values come back as they were, also one in the other", "[data][ranks]") {
  const Nested value = {{{3, "three"}, {4, std::nullopt}, {5, ""}}, {0.5F, -1}, true};
  std::string bytes;
  Packer to(bytes);
  pack_value(value, to);
  pack_value(std::vector<Nested>{value, {}}, to);
  Unpacker from(bytes);
  CHECK((unpack_value<Nested>(from) == value));
  CHECK((unpack_value<std::vector<Nested>>(from) == std::vector<Nested>{value, {}}));
  CHECK(from.done());
}

}  // namespace reka::data
