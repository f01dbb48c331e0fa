#include "data/corpus/dedup.h"

#include "tests/support/catch.h"

namespace reka::data {
namespace {

Document text_document(const std::string& text) {
  Document document;
  document.parts = {{.text = text}};
  return document;
}

DocumentMark mark(uint64_t content, Split split) {
  return {.content = {.low = content, .high = 0}, .split = split};
}

}  // namespace

TEST_CASE("dedup: the hash is of the content, not of its names", "[data][dedup]") {
  auto a = text_document("one");
  auto b = text_document("one");
  b.id = "other";
  b.language = "de";
  CHECK(content_hash(a) == content_hash(b));
  CHECK(content_hash(a) != content_hash(text_document("two")));
  auto split_in_two = text_document("on");
  split_in_two.parts.push_back({.text = "e"});
  CHECK(content_hash(a) != content_hash(split_in_two));
  auto pictured = a;
  pictured.parts.push_back({.kind = Part::Kind::kMedia, .media = 0});
  pictured.media.push_back({.bytes = "png"});
  auto other_picture = pictured;
  other_picture.media[0].bytes = "PNG";
  CHECK(content_hash(pictured) != content_hash(a));
  CHECK(content_hash(pictured) != content_hash(other_picture));
}

TEST_CASE("dedup: the first stays, training before dev before test", "[data][dedup]") {
  const std::vector<DocumentMark> marks = {mark(1, Split::kTest),  mark(2, Split::kTrain),
                                           mark(1, Split::kTrain), mark(2, Split::kTrain),
                                           mark(3, Split::kTest),  mark(3, Split::kDev)};
  CHECK(first_of_each(marks) == std::vector<bool>{false, true, true, false, false, true});
}

TEST_CASE("dedup: held-out lines that stand in training are known by their whole text",
          "[data][dedup]") {
  std::vector<uint64_t> hashes;
  for_each_line("Open\n\nClose\nSave as",
                [&](std::string_view line) { hashes.push_back(xxh3_64(line)); });
  CHECK(hashes.size() == 3);
  HeldOutLines lines(hashes);
  lines.mark_seen("Close");
  lines.mark_seen("Save");
  CHECK(lines.seen("Close"));
  CHECK_FALSE(lines.seen("Open"));
  CHECK_FALSE(lines.seen("Save as"));
  CHECK_FALSE(lines.seen("Save"));
}

}  // namespace reka::data
