#include "data/corpus/media_folder.h"

#include "data/corpus/csv.h"
#include "reka/base/error.h"
#include "tests/data/corpus.h"
#include "tests/data/media_files.h"
#include "tests/support/catch.h"
#include "tests/support/message.h"
#include "tests/support/temp_folder.h"

namespace reka::data {
namespace {

using testing::golden;
using testing::TempFolder;
using Fields = std::vector<std::string>;

ReadAll read_photos(const TempFolder& folder, MediaFolderConfig config = {}) {
  if (config.path.empty()) config.path = "set/**/*";
  return ReadAll(*make_reader(config, {"photos", folder.path()}));
}

std::string caption_of(const Document& document) {
  REQUIRE(document.parts.size() == 2);
  CHECK(document.parts[0].kind == Part::Kind::kMedia);
  return document.parts[1].text;
}

std::vector<Fields> csv(std::string_view text) {
  std::vector<Fields> records;
  CsvReader reader(text);
  while (auto fields = reader.next()) records.push_back(*fields);
  return records;
}

}  // namespace

TEST_CASE("csv: fields, quotes and line ends are those of RFC 4180", "[data][media_folder]") {
  CHECK(csv("a,b\r\n1,2\n") == std::vector<Fields>{{"a", "b"}, {"1", "2"}});
  CHECK(csv("\n\na,,\n\n") == std::vector<Fields>{{"a", "", ""}});
  CHECK(csv(R"("x, ""y""",2)") == std::vector<Fields>{{"x, \"y\"", "2"}});
  CHECK(csv("\"two\nlines\",b\nc,d") == std::vector<Fields>{{"two\nlines", "b"}, {"c", "d"}});
  CHECK(csv("\"a\"b,c") == std::vector<Fields>{{"ab", "c"}});
  CHECK(csv("").empty());
  CHECK_THROWS_AS(csv("a,\"b\nc"), DataError);
  CsvReader reader("a\n\"b\nb\"\n\nc\n");
  std::vector<int64_t> lines;
  while (reader.next()) lines.push_back(reader.line());
  CHECK(lines == std::vector<int64_t>{1, 2, 5});
}

TEST_CASE("media folder: the text stands in a file of the same name", "[data][media_folder]") {
  const TempFolder folder;
  folder.write("set/a.png", golden("rgb.png"));
  folder.write("set/a.txt", "of a .txt\n");
  folder.write("set/b.JPG", golden("rgb.jpg"));
  folder.write("set/b.caption", "of a .caption");
  folder.write("set/in/c.ogg", golden("tone.ogg"));
  folder.write("set/in/c.json", R"({"text": "of a .json"})");
  folder.write("set/in/d.mp4", golden("clip.mp4"));
  folder.write("set/in/e.png", "no picture");
  folder.write("set/in/f.png", golden("rgb.png"));
  folder.write("set/in/f.json", R"({"caption": "another key"})");
  folder.write("set/notes.md", "no medium");
  const auto all = read_photos(folder);
  REQUIRE(all.documents.size() == 3);
  CHECK(caption_of(all.documents[0]) == "of a .txt");
  CHECK(caption_of(all.documents[1]) == "of a .caption");
  CHECK(caption_of(all.documents[2]) == "of a .json");
  CHECK(all.documents[0].id == "a.png");
  CHECK(all.documents[2].id == "in/c.ogg");
  CHECK(all.documents[2].media[0].modality == Modality::kAudio);
  CHECK(all.documents[0].source == "photos");
  REQUIRE(all.skipped.size() == 3);
  CHECK(all.skipped[0].place.ends_with("set/in/d.mp4"));
  CHECK_THAT(all.skipped[0].finding, Catch::StartsWith("no text: "));
  CHECK(all.skipped[1].place.ends_with("set/in/e.png"));
  CHECK(all.skipped[2].place.ends_with("set/in/f.png"));
}

TEST_CASE("media folder: metadata names files below its folder", "[data][media_folder]") {
  const TempFolder folder;
  folder.write("set/train/a.png", golden("rgb.png"));
  folder.write("set/train/in/b.png", golden("rgba.png"));
  folder.write("set/train/in/b.txt", "metadata goes first");
  folder.write("set/train/metadata.csv",
               "text,file_name,more\n\"of a, in CSV\",a.png,1\nof b,in/b.png,2\n");
  folder.write("set/test/c.png", golden("grey.png"));
  folder.write("set/test/metadata.jsonl", "{\"file_name\": \"c.png\", \"text\": \"of c\"}\n");
  const auto all = read_photos(folder);
  CHECK(all.skipped.empty());
  REQUIRE(all.documents.size() == 3);
  CHECK(caption_of(*all.find("test/c.png")) == "of c");
  CHECK(caption_of(*all.find("train/a.png")) == "of a, in CSV");
  CHECK(caption_of(*all.find("train/in/b.png")) == "of b");
  const auto reader = make_reader(MediaFolderConfig{.path = "set/**/*"}, {"s", folder.path()});
  CHECK(reader->inputs().size() == 6);  // texts beside the media too
}

TEST_CASE("media folder: wrong lines of metadata are told once, by their number",
          "[data][media_folder]") {
  const TempFolder folder;
  folder.write("set/a.png", golden("rgb.png"));
  folder.write("set/metadata.jsonl",
               "{\"file_name\": \"a.png\", \"text\": \"of a\"}\n{\"file_name\": \"none.png\"}\n"
               "{\n\n{\"file_name\": \"a.png\", \"text\": \"again\"}\n");
  const auto all = read_photos(folder);
  REQUIRE(all.documents.size() == 1);
  CHECK(caption_of(all.documents[0]) == "of a");
  REQUIRE(all.skipped.size() == 3);
  CHECK(all.skipped[0].place.ends_with("set/metadata.jsonl:2"));
  CHECK(all.skipped[0].finding == "none.png: no such file");
  CHECK(all.skipped[1].place.ends_with("set/metadata.jsonl:3"));
  CHECK(all.skipped[2].place.ends_with("set/metadata.jsonl:5"));
  CHECK(all.skipped[2].finding == "a.png: named before");
  std::filesystem::remove(folder.path() / "set/metadata.jsonl");
  folder.write("set/metadata.csv", "file_name,words\na.png,of a\n");
  const auto other = read_photos(folder);
  REQUIRE(other.skipped.size() == 2);
  CHECK(other.skipped[0].finding == "must have the columns \"file_name\" and \"text\"");
  CHECK(read_photos(folder, {.caption_key = "words"}).documents.size() == 1);
  folder.write("set/metadata.csv", "file_name,words\na.png,of a\nb,\n\"open");
  const auto open = read_photos(folder, {.caption_key = "words"});
  CHECK(open.documents.size() == 1);
  REQUIRE(open.skipped.size() == 2);
  CHECK(open.skipped[1].finding == "quote that is not closed");
}

TEST_CASE("media folder: a folder without media is an error", "[data][media_folder]") {
  const TempFolder folder;
  folder.write("set/a.txt", "alone");
  CHECK_THAT(testing::message_of<DataError>([&] { read_photos(folder); }),
             Catch::Contains("no pictures, clips or sounds"));
}

TEST_CASE("media folder: many files are divided in units, and none is lost",
          "[data][media_folder]") {
  const TempFolder folder;
  std::string metadata = "file_name,text\n";
  for (int n = 0; n < 600; ++n) {
    folder.write("set/" + std::to_string(n) + ".png", golden("rgb.png"));
    metadata += std::to_string(n) + ".png,text " + std::to_string(n) + "\n";
  }
  folder.write("set/metadata.csv", metadata);
  const auto reader = make_reader(MediaFolderConfig{.path = "set/*.png"}, {"s", folder.path()});
  CHECK(reader->num_units() == 4);
  CHECK(ReadAll(*reader).documents.size() == 600);
}

}  // namespace reka::data
