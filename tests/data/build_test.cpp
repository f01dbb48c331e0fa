#include "data/build.h"

#include <algorithm>
#include <map>
#include <set>

#include "data/corpus/dropped.h"
#include "data/corpus/work_folder.h"
#include "data/shards/reader.h"
#include "data/tokens/tokenizer.h"
#include "reka/base/error.h"
#include "reka/base/files.h"
#include "reka/base/json.h"
#include "reka/base/reader.h"
#include "tests/data/media_files.h"
#include "tests/data/small_corpus.h"
#include "tests/support/catch.h"
#include "tests/support/message.h"
#include "tests/support/temp_folder.h"

namespace reka::data {
namespace {

namespace fs = std::filesystem;
using testing::built;
using testing::contents;
using testing::small_config;
using testing::TempFolder;
using testing::write_pages;

std::set<std::string> names_in(const fs::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    names.insert(entry.path().filename().string());
  }
  return names;
}

}  // namespace

TEST_CASE("build: pages become samples of the right side, each content once", "[data][build]") {
  const TempFolder folder;
  write_pages(folder);
  const auto config = small_config(folder);
  const auto manifest = build_corpus(config);
  const auto tokenizer = Tokenizer::load(config.folder);
  CHECK(manifest.tokenizer == tokenizer->fingerprint());
  REQUIRE(manifest.sources.size() == 1);
  CHECK(manifest.sources[0].licence == "CC0-1.0");
  CHECK(manifest.sources[0].weight == 2);

  std::map<std::string, std::set<Split>> sides;
  std::map<std::string, std::string> texts;
  for (const auto split : {Split::kTrain, Split::kDev, Split::kTest}) {
    visit_samples(config.folder, split, [&](Sample&& sample) {
      CHECK(sample.tokens.back() == tokenizer->end_of_text());
      sample.tokens.pop_back();
      const auto text = tokenizer->decode(sample.tokens);
      CHECK(text.find("Shared line of all pages.") ==
            (split == Split::kTrain ? text.find("Shared") : text.npos));
      CHECK(static_cast<int64_t>(text.size()) == sample.text_bytes);
      texts[sample.document_id] = text;
      sides[sample.document_id.substr(3)].insert(split);
      return true;
    });
  }
  CHECK(texts.size() == 121);  // 60 in two languages and one of the two equal ones
  for (const auto& [key, of_it] : sides) CHECK(of_it.size() == 1);
  CHECK(texts.at("de/text/7.html").starts_with("Seite 7\n"));
  CHECK(texts.at("fr/text/0.html") == "une page seule, avec un littéral dedans");
}

TEST_CASE("build: the report counts what is there and names what is not", "[data][build]") {
  const TempFolder folder;
  write_pages(folder);
  const auto config = small_config(folder);
  build_corpus(config);
  const auto report = testing::report_of(config);
  CHECK(report["total"]["documents"] == 121);
  CHECK(report["languages"]["de"]["documents"] == 60);
  CHECK(report["languages"]["fr"]["documents"] == 1);
  CHECK(report["modalities"]["text"]["documents"] == 121);
  const auto& source = report["sources"]["pages"];
  CHECK(source["fates"] == Json{{"kept", 121}, {"exact duplicate", 1}});
  CHECK(report["fates"] == source["fates"]);
  CHECK(report["fate_rows"][1]["fate"] == "kept");
  CHECK(source["taken_out"]["held-out lines in training"] > 0);
  int64_t read = 0;
  for (const auto& row : report["fate_rows"]) read += row["documents"].get<int64_t>();
  const auto& card = report["card"];
  CHECK(card["lineage"]["sources"][0]["documents"] == read);
  CHECK(card["lineage"]["stamp"] == report["stamp"]);
  CHECK(card["licences"][0]["licence"] == "CC0-1.0");
  CHECK(card["licences"][0]["tokens"] == report["total"]["tokens"]);
  CHECK(card["unclear"][0]["missing"] == Json{"package"});
  CHECK_THAT(read_file(fs::path(config.folder) / "card.md"), Catch::Contains("CC0-1.0"));
  const auto dropped = parse_json(read_file(fs::path(config.folder) / kDroppedName), kDroppedName);
  CHECK(dropped["source"] == "pages");  // one line
  CHECK(dropped["dropped"] == "exact duplicate");
  CHECK_FALSE(dropped["id"].get<std::string>().empty());
  CHECK(report["stages"].find("personal_data") == report["stages"].end());
  std::map<std::string, int> reasons;
  for (const auto& skipped : source["skipped"]) {
    reasons[skipped["reason"].get<std::string>()] = skipped["count"].get<int>();
    CHECK_FALSE(skipped["examples"].empty());
  }
  CHECK(reasons == std::map<std::string, int>{{"empty file", 1}, {"not UTF-8 at byte #", 2}});
}

TEST_CASE("build: addresses of documents that are kept are counted by source", "[data][build]") {
  const TempFolder folder;
  write_pages(folder);
  folder.write(
      "pages/en/text/mail.html",
      "<title>Mail</title><p>Write to jane.doe@firma.de or look at 84.22.3.7 and 84.22.3.8.</p>");
  auto config = small_config(folder);
  config.prepare.personal_data.value = "replace";
  build_corpus(config);
  CHECK(testing::report_of(config)["stages"]["personal_data"] ==
        Json{{"replaced", true},
             {"sources", {{"pages", {{"documents", 1}, {"emails", 1}, {"ips", 2}}}}}});
}

TEST_CASE("build: a source's name that no shard can have is refused with the config",
          "[data][build]") {
  const auto message = [](const std::string& name) {
    return testing::message_of<ConfigError>([&] {
      load_config_text<DataBuildConfig>(
          "data:\n  folder: x\n  sources:\n    " + name + ": {reader: {type: text, path: x}}\n",
          "c.yaml");
    });
  };
  CHECK(message("a b") ==
        "c.yaml:4:10: data.sources.a b: must have a name of letters, digits, - and _");
  CHECK(message("a.b") ==
        "c.yaml:4:10: data.sources.a.b: must have a name of letters, digits, - and _");
  CHECK_THAT(message("../up"), Catch::Contains("data.sources.../up: must have a name of letters"));
}

TEST_CASE("build: the bytes are the same for any number of threads", "[data][build]") {
  const TempFolder folder;
  write_pages(folder);
  auto config = small_config(folder);
  config.threads = 1;
  const auto first = built(config);
  config.threads = 5;
  CHECK(built(config) == first);
}

TEST_CASE("build: a corpus that is there stays; changed files, keys or damage build it again",
          "[data][build]") {
  const TempFolder folder;
  write_pages(folder);
  auto config = small_config(folder);
  build_corpus(config);
  const auto report = fs::path(config.folder) / "report.json";
  const auto inode_of = [&] { return fs::last_write_time(report); };
  const auto mark = fs::file_time_type::clock::from_sys(std::chrono::sys_seconds{});
  const auto is_kept = [&] {
    fs::last_write_time(report, mark);
    build_corpus(config);
    return inode_of() == mark;
  };
  CHECK(is_kept());
  config.threads = 3;
  CHECK(is_kept());
  folder.write("pages/en/text/1.html", "<p>A page that says something else now.</p>");
  CHECK_FALSE(is_kept());
  CHECK(is_kept());
  config.shard_bytes = 1 << 20;
  CHECK_FALSE(is_kept());
  fs::resize_file(fs::path(config.folder) / "tokenizer.model", 100);
  CHECK_FALSE(is_kept());
  const auto manifest = Manifest::load(config.folder);
  fs::resize_file(fs::path(config.folder) / manifest.shards[0].file, 100);
  CHECK_FALSE(is_kept());
  CHECK(is_kept());
}

TEST_CASE("build: a changed, new or missing medium builds the corpus again", "[data][build]") {
  const TempFolder folder;
  write_pages(folder);
  folder.write("pack/a.png", testing::golden("rgb.png"));
  folder.write("pack/a.jsonl",
               "{\"text\": \"one\", \"image\": \"a.png\"}\n"
               "{\"text\": \"two\", \"image\": \"b.png\"}\n");
  auto config = small_config(folder);
  config.sources.push_back({"pack", {.reader = JsonLinesConfig{{.path = "pack/*.jsonl"}}}});
  const auto images = [&] {
    int64_t sum = 0;
    const auto manifest = build_corpus(config);
    for (const auto split : {Split::kTrain, Split::kDev, Split::kTest})
      sum += manifest.counts("pack", split).images;
    return sum;
  };
  CHECK(images() == 1);
  const auto report = fs::path(config.folder) / "report.json";
  const auto mark = fs::file_time_type::clock::from_sys(std::chrono::sys_seconds{});
  fs::last_write_time(report, mark);
  CHECK(images() == 1);
  CHECK(fs::last_write_time(report) == mark);
  folder.write("pack/b.png", testing::golden("rgba.png"));
  CHECK(images() == 2);
  folder.write("pack/a.png", "no picture any more");
  CHECK(images() == 1);
  fs::remove(folder.path() / "pack/b.png");
  CHECK(images() == 0);
}

TEST_CASE("build: a folder of other things is refused before anything is read", "[data][build]") {
  const TempFolder folder;
  auto config = small_config(folder);  // of which no page is there
  folder.write("shards/letter.txt", "dear");
  CHECK_THROWS_WITH(build_corpus(config), Catch::Contains("shards: holds something else"));
}

TEST_CASE("build: a slash behind the folder means nothing", "[data][build]") {
  const TempFolder folder;
  write_pages(folder);
  auto config = small_config(folder);
  config.folder += "/";
  build_corpus(config);
  const auto files = contents(folder.path() / "shards");
  CHECK(files.at("report.html").find("<title>shards") != std::string::npos);
  config.folder.pop_back();
  build_corpus(config);
  CHECK(contents(folder.path() / "shards") == files);
  fs::remove(folder.path() / "shards/manifest.json");
  build_corpus(config);
  CHECK(contents(folder.path() / "shards") == files);
}

TEST_CASE("build: emoji and clips of emoji must hold out the same", "[data][build]") {
  CorpusConfig config;
  config.sources = {{"pictures", {.reader = EmojiConfig{}}},
                    {"clips", {.reader = EmojiVideoConfig{}}},
                    {"letters", {.reader = KlettresConfig{}}}};
  CHECK(config.emoji_splits_agree());
  std::get<EmojiVideoConfig>(config.sources[1].second.reader).split.test = 2;
  CHECK_FALSE(config.emoji_splits_agree());
}

TEST_CASE("build: a given tokenizer is used as it is", "[data][build]") {
  const TempFolder folder;
  write_pages(folder);
  auto config = small_config(folder);
  build_corpus(config);
  const auto model = folder.write("given.model", Tokenizer::load(config.folder)->model_bytes());
  TokenizerFileConfig file;
  file.path = model.string();
  config.tokenizer = file;
  config.folder = (folder.path() / "again").string();
  build_corpus(config);
  CHECK(Tokenizer::load(config.folder)->model_bytes() == read_file(model));
}

TEST_CASE("build: what cannot be built leaves what was read, and nothing else", "[data][build]") {
  const TempFolder folder;
  write_pages(folder);
  auto config = small_config(folder);
  std::get<TokenizerTrainConfig>(config.tokenizer).vocab_size = 100'000;
  CHECK_THROWS_AS(build_corpus(config), DataError);
  CHECK_FALSE(fs::exists(config.folder));
  CHECK(names_in(folder.path()).size() == 2);  // pages, .shards.work-STAMP
  auto good = small_config(folder);
  build_corpus(good);  // goes on there, with another tokenizer
  CHECK(names_in(folder.path()) == std::set<std::string>{"pages", "shards"});
  fs::remove_all(config.folder);
  std::get<HtmlConfig>(config.sources[0].second.reader).path = "none/*.html";
  CHECK_THROWS_AS(build_corpus(config), DataError);
  std::get<HtmlConfig>(config.sources[0].second.reader).path = "pages/fr/text/3.html";
  CHECK_THROWS_WITH(build_corpus(config),
                    Catch::Contains("no document in any source: must have some; 1 skipped") &&
                        Catch::Contains("3.html: not UTF-8 at byte 2"));
  CHECK_FALSE(fs::exists(config.folder));
  CHECK(names_in(folder.path()).size() == 2);
}

TEST_CASE("build: one that was interrupted goes on and gives the same bytes", "[data][build]") {
  const TempFolder folder;
  write_pages(folder);
  auto config = small_config(folder);
  build_corpus(config);
  const auto want = contents(config.folder);
  for (const std::string broken : {"killed before", "killed within"}) {
    fs::remove_all(config.folder);
    auto other = config;
    std::get<TokenizerTrainConfig>(other.tokenizer).vocab_size = 100'000;
    CHECK_THROWS_AS(build_corpus(other), DataError);  // all is read, no more
    if (broken == "killed within") {                  // the last unit is half written
      for (const auto& name : names_in(folder.path())) {
        const auto units = folder.path() / name / "units-0";
        if (fs::exists(units)) fs::resize_file(units, fs::file_size(units) - 3);
      }
    }
    build_corpus(config);
    CHECK(contents(config.folder) == want);
  }
}

TEST_CASE("build: a second one into the same folder is refused", "[data][build]") {
  const TempFolder folder;
  write_pages(folder);
  const auto config = small_config(folder);
  const WorkFolder first(config.folder, "first");
  CHECK_THROWS_WITH(build_corpus(config), Catch::Contains("is being built by process"));
  CHECK_FALSE(fs::exists(config.folder));
}

TEST_CASE("build: held-out chats keep the lines that all chats share", "[data][build]") {
  const TempFolder folder;
  write_pages(folder);
  std::string records;
  for (int n = 0; n < 40; ++n)
    records += fmt::format(R"({{"messages": [{{"role": "user", "content": "Number {}?"}}, )"
                           R"({{"role": "assistant", "content": "Yes."}}]}})"
                           "\n",
                           n);
  folder.write("chat.jsonl", records);
  auto config = small_config(folder);
  const ChatConfig chat{{.path = "chat.jsonl", .split = {.modulus = 4, .test = 1, .dev = 1}}};
  config.sources.push_back({"chat", {.reader = chat, .licence = "CC0-1.0"}});
  build_corpus(config);
  const auto tokenizer = Tokenizer::load(config.folder);
  int held_out = 0;
  for (const auto split : {Split::kDev, Split::kTest})
    visit_samples(config.folder, split, [&](Sample&& sample) {
      if (sample.source != "chat") return true;
      ++held_out;
      const auto text = tokenizer->decode(sample.tokens);
      CHECK(text.starts_with("human: Number "));
      CHECK(text.ends_with("<sep>assistant: Yes.\n\n<sep><|endoftext|>"));
      CHECK(sample.whole);
      return true;
    });
  CHECK(held_out > 5);
}

}  // namespace reka::data
