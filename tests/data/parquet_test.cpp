#include "data/corpus/parquet.h"

#include "data/corpus/parquet_file.h"
#include "reka/base/error.h"
#include "reka/base/files.h"
#include "tests/data/corpus.h"
#include "tests/data/media_files.h"
#include "tests/support/catch.h"
#include "tests/support/message.h"
#include "tests/support/temp_folder.h"

namespace reka::data {
namespace {

namespace fs = std::filesystem;
using testing::golden;
using testing::TempFolder;

bool is_built() {
  return testing::message_of<DataError>([] { ParquetFile::expect_built(); }).empty();
}

/// tests/golden/parquet, which tests/peers/parquet.py has written with pyarrow.
fs::path golden_parquet() {
  return fs::path(REKA_SOURCE_DIR) / "tests/golden/parquet";
}

ReadAll read_rows(const fs::path& root, ParquetConfig config = {}) {
  if (config.path.empty()) config.path = "*.parquet";
  return ReadAll(*make_reader(config, {"rows", root}));
}

}  // namespace

TEST_CASE("parquet: a program without it says how to build it", "[data][parquet]") {
  const auto message = testing::message_of<DataError>([] { read_rows(golden_parquet()); });
  if (is_built()) {
    CHECK(message.empty());
  } else {
    CHECK_THAT(message, Catch::Contains("-DREKA_PARQUET=ON"));
  }
}

TEST_CASE("parquet: rows are documents, from all groups, and null is nothing", "[data][parquet]") {
  if (!is_built()) return;
  const auto all = read_rows(golden_parquet(), {.path = "texts.parquet"});
  REQUIRE(all.documents.size() == 6);
  CHECK(all.documents[0].parts[0].text == "text 0: grün, 文字");
  CHECK(all.documents[0].id == "100");
  CHECK(all.documents[0].key == "https://example.org/0");
  CHECK(all.documents[0].language == "de");
  CHECK(all.documents[5].parts[0].text == "text 6: grün, 文字");
  CHECK(all.documents[5].id == "https://example.org/6");
  REQUIRE(all.skipped.size() == 1);
  CHECK(all.skipped[0].place == (golden_parquet() / "texts.parquet").string() + ":3");
  CHECK(all.skipped[0].finding == "column text: is empty");
  const auto renamed = read_rows(golden_parquet(), {.path = "texts.parquet", .text = "url"});
  REQUIRE(renamed.documents.size() == 7);
  CHECK(renamed.documents[0].parts[0].text == "https://example.org/0");
}

TEST_CASE("parquet: pictures are bytes alone or beside their path", "[data][parquet]") {
  if (!is_built()) return;
  for (const std::string name : {"pictures.parquet", "imagefolder.parquet"}) {
    INFO(name);
    const auto all = read_rows(golden_parquet(), {.path = name, .text = "caption"});
    REQUIRE(all.documents.size() == 1);
    CHECK(all.documents[0].media[0].bytes == golden("rgb.png"));
    CHECK(all.documents[0].parts[1].text == "a picture");
    REQUIRE(all.skipped.size() == 1);
    CHECK_THAT(all.skipped[0].finding, Catch::StartsWith("image: "));
  }
}

TEST_CASE("parquet: cut, damaged and wrong files are told", "[data][parquet]") {
  if (!is_built()) return;
  const TempFolder folder;
  const auto whole = read_file(golden_parquet() / "texts.parquet");
  for (size_t at = 0; at < whole.size(); at += 7) {
    auto bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x55);
    folder.write("a.parquet", bytes);
    const auto flipped = read_rows(folder.path());
    CHECK(flipped.documents.size() + flipped.skipped.size() > 0);
    folder.write("a.parquet", whole.substr(0, at));
    const auto cut = read_rows(folder.path());
    CHECK(cut.documents.empty());
    CHECK(cut.skipped.size() == 1);
  }
  folder.write("a.parquet", whole);
  const auto wrong = read_rows(folder.path(), {.text = "score"});
  CHECK(wrong.documents.empty());
  REQUIRE(wrong.skipped.size() >= 1);
  CHECK_THAT(wrong.skipped[0].finding, Catch::Contains("column score: double: must be text"));
}

}  // namespace reka::data
