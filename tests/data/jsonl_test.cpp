#include "data/corpus/jsonl.h"

#include <algorithm>

#include <fmt/format.h>

#include "data/corpus/record.h"
#include "reka/base/error.h"
#include "reka/base/files.h"
#include "tests/data/corpus.h"
#include "tests/data/media_files.h"
#include "tests/support/catch.h"
#include "tests/support/message.h"
#include "tests/support/temp_folder.h"

namespace reka::data {
namespace {

using testing::golden;
using testing::TempFolder;

/// A corpus of one file, with a picture, a sound and a clip beside it.
struct JsonLines {
  TempFolder folder;

  explicit JsonLines(const std::string& lines) {
    folder.write("pack/a.png", golden("rgb.png"));
    folder.write("pack/b.png", golden("rgba.png"));
    folder.write("pack/a.ogg", golden("tone.ogg"));
    folder.write("pack/a.mp4", golden("clip.mp4"));
    folder.write("pack/records.jsonl", lines);
  }

  template <typename Config = JsonLinesConfig>
  ReadAll read(Config config = {}) const {
    config.path = "pack/*.jsonl";
    return ReadAll(*make_reader(config, {"records", folder.path()}));
  }
};

/// The parts of a document as text: media as [image 0], specials as they are.
std::string show(const Document& document) {
  std::string text;
  for (const auto& part : document.parts) {
    const bool is_media = part.kind == Part::Kind::kMedia;
    text += is_media ? fmt::format("[{} {}]", modality_name(document.media[part.media].modality),
                                   part.media)
                     : part.text;
  }
  return text;
}

/// Records of the tests span lines; those of a file do not.
std::string one_line(std::string record) {
  std::ranges::replace(record, '\n', ' ');
  return record;
}

/// What a record becomes.
template <typename Config = JsonLinesConfig>
std::string shown(const std::string& record, Config config = {}) {
  const auto all = JsonLines(one_line(record)).read(config);
  REQUIRE(all.skipped.empty());
  REQUIRE(all.documents.size() == 1);
  return show(all.documents[0]);
}

/// Why a record is skipped, its folder left out.
template <typename Config = JsonLinesConfig>
std::string finding(const std::string& record, Config config = {}) {
  const JsonLines lines(record);
  const auto all = lines.read(config);
  CHECK(all.documents.empty());
  REQUIRE(all.skipped.size() == 1);
  CHECK(all.skipped[0].place == (lines.folder.path() / "pack/records.jsonl").string() + ":1");
  auto text = all.skipped[0].finding;
  const auto folder = (lines.folder.path() / "pack/").string();
  for (auto at = text.find(folder); at != text.npos; at = text.find(folder))
    text.erase(at, folder.size());
  return text;
}

}  // namespace

TEST_CASE("jsonl: media come before the text, pictures, clips and sounds in this order",
          "[data][jsonl]") {
  CHECK(shown(R"({"text": "words"})") == "words");
  CHECK(shown(R"({"text": "words", "image": "a.png"})") == "[image 0]words");
  CHECK(shown(R"({"text": "words", "audio": "a.ogg", "video": "a.mp4", "image": "a.png"})") ==
        "[image 0][video 1][audio 2]words");
  CHECK(shown(R"({"text": "words", "image": ["a.png", "b.png"], "audio": null})") ==
        "[image 0][image 1]words");
  CHECK(shown(R"({"image": "a.png"})") == "[image 0]");
}

TEST_CASE("jsonl: content parts keep their order", "[data][jsonl]") {
  CHECK(shown(R"({"content": [{"type": "text", "text": "one "}, {"type": "image", "image": "a.png"},
                              {"type": "text", "text": " two "}, {"type": "audio", "audio": "a.ogg"},
                              {"type": "video", "video": "a.mp4"}]})") ==
        "one [image 0] two [audio 1][video 2]");
  CHECK(shown(R"({"content": "text alone"})") == "text alone");
  CHECK(shown(R"({"content": [{"type": "image_url", "image_url": {"url": "b.png"}}]})") ==
        "[image 0]");
}

TEST_CASE("jsonl: a document has its bytes, geometry, id, key, language and side",
          "[data][jsonl]") {
  const JsonLines lines(R"({"text": "Guten Tag", "image": "b.png", "id": "x", "language": "de"})"
                        "\n\n"
                        R"({"text": "no id", "key": "group"})");
  const auto all = lines.read();
  REQUIRE(all.documents.size() == 2);
  const auto& first = all.documents[0];
  CHECK(first.id == "x");
  CHECK(first.key == "x");
  CHECK(first.source == "records");
  CHECK(first.language == "de");
  CHECK_FALSE(first.whole);
  CHECK(first.media[0].bytes == golden("rgba.png"));
  CHECK(first.media[0].geometry.width > 0);
  CHECK(all.documents[1].id == "records.jsonl:3");  // of the file, empty lines counted
  CHECK(all.documents[1].key == "group");
  CHECK(all.documents[1].language.empty());
}

TEST_CASE("jsonl: numbers are text and null is nothing", "[data][jsonl]") {
  const JsonLines lines(R"({"text": "a", "id": 17, "key": -4, "language": null, "image": null})"
                        "\n"
                        R"({"text": 1.5, "id": null, "key": null, "content": null})");
  const auto all = lines.read();
  REQUIRE(all.skipped.empty());
  REQUIRE(all.documents.size() == 2);
  CHECK(all.documents[0].id == "17");
  CHECK(all.documents[0].key == "-4");
  CHECK(all.documents[0].language.empty());
  CHECK(all.documents[1].id == "records.jsonl:2");
  CHECK(all.documents[1].key == "1.5");
  CHECK(show(all.documents[1]) == "1.5");
}

TEST_CASE("jsonl: a byte order mark is no part of the first record, an address is told",
          "[data][jsonl]") {
  const JsonLines lines(
      "\xef\xbb\xbf{\"text\": \"a\"}\n{\"text\": \"b\", \"image\": \"https://x.y/z.png\"}");
  const auto all = lines.read();
  REQUIRE(all.documents.size() == 1);
  REQUIRE(all.skipped.size() == 1);
  CHECK_THAT(all.skipped[0].finding, Catch::Contains("addresses are not fetched"));
}

TEST_CASE("jsonl: records of one medium without id and key are on one side", "[data][jsonl]") {
  const JsonLines lines(R"({"text": "one", "image": "a.png"})"
                        "\n"
                        R"({"text": "two", "image": "a.png"})"
                        "\n"
                        R"({"text": "one", "image": "b.png"})"
                        "\n"
                        R"({"text": "one"})");
  const auto all = lines.read();
  REQUIRE(all.documents.size() == 4);
  CHECK(all.documents[0].key == all.documents[1].key);
  CHECK(all.documents[0].key != all.documents[2].key);
  CHECK(all.documents[3].key == "one");
}

TEST_CASE("jsonl: an error of the sink is no bad record", "[data][jsonl]") {
  const JsonLines lines(R"({"text": "one"})");
  const auto reader =
      make_reader(JsonLinesConfig{{.path = "pack/*.jsonl"}}, {"records", lines.folder.path()});
  CHECK_THROWS_WITH(reader->read(
                        0, [](Document&&) { throw DataError("no space left"); },
                        [](const Skipped& item) { FAIL(item.finding); }),
                    "no space left");
}

TEST_CASE("jsonl: media that were opened are told, missing ones too", "[data][jsonl]") {
  const JsonLines lines(R"({"text": "one", "image": "a.png"})"
                        "\n"
                        R"({"text": "two", "audio": "none.ogg"})"
                        "\n"
                        R"({"messages": [{"role": "user", "content": "a"}]})");
  const auto reader =
      make_reader(JsonLinesConfig{{.path = "pack/*.jsonl"}}, {"records", lines.folder.path()});
  CHECK(reader->findings(0) == Findings());
  const ReadAll all(*reader);
  const auto pack = lines.folder.path() / "pack";
  CHECK(all.findings.opened == FileStates{{(pack / "a.png").string(), file_state(pack / "a.png")},
                                          {(pack / "none.ogg").string(), "absent"}});
}

TEST_CASE("jsonl: literal symbols of a record are text", "[data][jsonl]") {
  const JsonLines lines(R"({"text": "a <sep> and an <image>"})");
  const auto all = lines.read();
  REQUIRE(all.documents.size() == 1);
  REQUIRE(all.documents[0].parts.size() == 1);
  CHECK(all.documents[0].parts[0].kind == Part::Kind::kText);
  CHECK(all.documents[0].parts[0].text == "a <sep> and an <image>");
}

TEST_CASE("jsonl: wrong types and missing media are told", "[data][jsonl]") {
  CHECK(finding("[1, 2]") == "record: must be an object");
  CHECK(finding("{\"text\": \"cut").starts_with("not JSON: "));
  CHECK(finding("{\"text\": \"gr\xFCn\"}").starts_with("not JSON: "));
  CHECK(finding("{}") == "record has neither text nor media");
  CHECK(finding(R"({"text": ""})") == "record has neither text nor media");
  CHECK(finding(R"({"text": [7]})") == "\"text\": must be text");
  CHECK(finding(R"({"text": true})") == "\"text\": must be text");
  CHECK(finding(R"({"text": "a", "id": {}})") == "\"id\": must be text");
  CHECK(finding(R"({"text": "a", "image": 7})") == "\"image\": must be a path or paths");
  CHECK(finding(R"({"text": "a", "image": ["a.png", 7]})") == "\"image\": must be a path or paths");
  CHECK(finding(R"({"text": "a", "image": "c.png"})") ==
        "c.png: cannot open: No such file or directory");
  CHECK(finding(R"({"text": "a", "audio": "a.png"})") ==
        "a.png: unknown format: must be an audio file that FFmpeg reads");
  CHECK(finding(R"({"text": "a", "image": "data:image/png;base64,!!"})") ==
        "data URL: must be base64");
  CHECK(finding(R"({"content": {}})") == "\"content\": must be text");
  CHECK(finding(R"({"content": ["a"]})") == "part: must be an object");
  CHECK(finding(R"({"content": [{"type": "text"}]})") == "part has no \"text\": must be text");
  CHECK(finding(R"({"content": [{"type": "smell", "smell": "a"}]})") ==
        "part type \"smell\": must be text, image, audio or video");
}

TEST_CASE("jsonl: a wrong record is skipped alone, an empty file is told", "[data][jsonl]") {
  const auto all = JsonLines("{\"text\": \"one\"}\n{\"text\": \n{\"text\": \"three\"}\n").read();
  REQUIRE(all.documents.size() == 2);
  CHECK(all.documents[1].id == "records.jsonl:3");
  REQUIRE(all.skipped.size() == 1);
  CHECK(all.skipped[0].place.ends_with("records.jsonl:2"));
  for (const std::string nothing : {"", "\n \t\r\n"}) {
    const auto empty = JsonLines(nothing).read();
    REQUIRE(empty.skipped.size() == 1);
    CHECK(empty.skipped[0].place.ends_with("records.jsonl"));
    CHECK(empty.skipped[0].finding == "empty file");
  }
  CHECK_THROWS_AS(make_reader(JsonLinesConfig{{.path = "none/*.jsonl"}}, {"records", "/nowhere"}),
                  DataError);
}

TEST_CASE("interleaved: a chunk is a medium and the text behind it", "[data][jsonl]") {
  const InterleavedConfig config;
  CHECK(shown(R"({"texts": ["before", null, "one", null, "two"],
                  "images": [null, "a.png", null, "b.png", null]})",
              config) == "before[image 0]one<|endofchunk|>[image 1]two<|endofchunk|>");
  CHECK(shown(R"({"texts": [null, null, "both"], "images": ["a.png", "b.png", null]})", config) ==
        "[image 0][image 1]both<|endofchunk|>");
  CHECK(shown(R"({"texts": ["one", null], "images": [null, "a.png"]})", config) ==
        "one[image 0]<|endofchunk|>");
  CHECK(shown(R"({"texts": ["text alone"], "images": [null]})", config) == "text alone");
  CHECK(shown(R"({"content": [{"type": "image", "image": "a.png"}, {"type": "text", "text": "one"},
                              {"type": "audio", "audio": "a.ogg"}, {"type": "text", "text": "two"}]})",
              config) == "[image 0]one<|endofchunk|>[audio 1]two<|endofchunk|>");
}

TEST_CASE("interleaved: the end of a chunk is a target, a literal one is text", "[data][jsonl]") {
  const auto all =
      JsonLines(R"({"texts": [null, "a <|endofchunk|> b"], "images": ["a.png", null]})")
          .read(InterleavedConfig{});
  REQUIRE(all.documents.size() == 1);
  const auto& parts = all.documents[0].parts;
  REQUIRE(parts.size() == 3);
  CHECK(parts[1].kind == Part::Kind::kText);
  CHECK(parts[2].kind == Part::Kind::kSpecial);
  CHECK(parts[2].text == "<|endofchunk|>");
  CHECK(parts[2].target);
}

TEST_CASE("interleaved: wrong pages are told", "[data][jsonl]") {
  const InterleavedConfig config{{}, 2};
  CHECK(finding(R"({"texts": [null, null, null], "images": ["a.png", "a.png", "b.png"]})",
                config) == "3 media: at most 2");
  CHECK(finding(R"({"texts": ["a", "b"], "images": [null]})", config) ==
        "record needs \"content\", or \"texts\" and \"images\" of one length");
  CHECK(finding(R"({"text": "a"})", config) ==
        "record needs \"content\", or \"texts\" and \"images\" of one length");
  CHECK(finding(R"({"texts": "a", "images": "b"})", config) ==
        "record needs \"content\", or \"texts\" and \"images\" of one length");
  CHECK(finding(R"({"texts": ["a"], "images": ["a.png"]})", config) ==
        "place 0: must hold a text or an image");
  CHECK(finding(R"({"texts": ["a", null], "images": [null, null]})", config) ==
        "place 1: must hold a text or an image");
  CHECK(finding(R"({"texts": ["a", 7], "images": [null, null]})", config) ==
        "place 1: must hold a text or an image");
  CHECK(finding(R"({"texts": [null], "images": ["c.png"]})", config) ==
        "c.png: cannot open: No such file or directory");
  CHECK(finding(R"({"texts": [], "images": []})", config) == "record has neither text nor media");
}

TEST_CASE("chat reader: more media than places, or fewer, skip the record", "[data][jsonl]") {
  const ChatConfig config;
  const auto record = [](const std::string& images, const std::string& question) {
    return fmt::format(R"({{"images": {}, "messages": [{{"role": "user", "content": "{}"}},)"
                       R"( {{"role": "assistant", "content": "yes"}}]}})",
                       images, question);
  };
  CHECK(shown(record(R"(["a.png", "b.png"])", "<image><image>?"), config) ==
        "human: [image 0][image 1]?<sep>assistant: yes\n\n<sep>");
  CHECK(finding(record(R"(["a.png", "b.png"])", "<image>?"), config) ==
        "2 images for 1 places: each must have one, <image> in a text or a part");
  CHECK(finding(record(R"(["a.png"])", "<image><image>?"), config) ==
        "more places <image> than the 1 \"images\": must be as many");
  CHECK(finding(record(R"("a.png")", "<image>?"), config) == "\"images\": must be a list");
  CHECK(finding(R"({"messages": [{"role": "user", "content": "a"}]})", config) ==
        "no assistant's turn: must have one, there is nothing to learn");
}

TEST_CASE("jsonl: keys close to a known one are counted, other columns are not", "[data][jsonl]") {
  const JsonLines lines(R"({"text": "a", "images": ["a.png"], "score": 1}
{"text": "b", "images": ["a.png"], "vidoe": "a.mp4"}
{"text": "c"}
)");
  JsonLinesConfig config;
  config.path = "pack/*.jsonl";
  const auto reader = make_reader(config, {"records", lines.folder.path()});
  const ReadAll all(*reader);
  CHECK(all.documents.size() == 3);
  const std::string known = "known are text, image, video, audio, content, id, key, language";
  CHECK(all.notes ==
        std::vector<std::string>{"unknown key \"images\", records with it: 2; " + known,
                                 "unknown key \"vidoe\", records with it: 1; " + known});
}

TEST_CASE("jsonl: where no other key may be, the nearest known one is named", "[data][jsonl]") {
  simdjson::dom::parser parser;
  const auto message = [&](const std::string& line) {
    return testing::message_of<DataError>(
        [&] { expect_known_keys(parse_record(parser, line), record_keys()); });
  };
  CHECK(message(R"({"text": "a", "image": null, "id": "x"})").empty());
  CHECK(message(R"({"text": "a", "vidoe": "a.mp4"})") ==
        "\"vidoe\": unknown key; did you mean \"video\"?");
  CHECK_THAT(message(R"({"text": "a", "zzz": 1})"), Catch::Contains("known here: text, image"));
}

}  // namespace reka::data
