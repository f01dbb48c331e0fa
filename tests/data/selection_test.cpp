#include "data/corpus/selection.h"

#include <map>
#include <numeric>

#include "data/corpus/each_line.h"
#include "data/corpus/exact_duplicates.h"
#include "data/corpus/held_out_lines.h"
#include "data/corpus/mark.h"
#include "reka/base/random.h"
#include "tests/data/corpus.h"
#include "tests/support/catch.h"
#include "tests/support/temp_folder.h"

namespace reka::data {
namespace {

DocumentMark mark(uint64_t content, Split split) {
  return {.content = {.low = content, .high = 0}, .split = split};
}

}  // namespace

TEST_CASE("selection: the first reason stays, and a pass sees what is left in order",
          "[data][selection]") {
  const testing::TempFolder folder;
  Collection corpus(folder.path());
  fill({text_document("a"), text_document("b"), text_document("c"), text_document("d"),
        text_document("e")},
       corpus);
  Selection selection(corpus, 3);
  selection.drop(1, {.kind = Fate::Kind::kRule, .of = "short"});
  selection.drop(1, {.kind = Fate::Kind::kNearDuplicate});
  selection.drop(3, {.kind = Fate::Kind::kContaminated, .of = "exam"});
  CHECK(fate_name(selection.fate(0)) == "kept");
  CHECK(fate_name(selection.fate(1)) == "rule short");
  CHECK(fate_name(selection.fate(3)) == "contaminated by exam");
  std::string seen;
  selection.visit<std::string>(
      "reading", [](size_t, Document&& document) { return document.parts[0].text; },
      [&](size_t number, std::string&& text) { seen += std::to_string(number) + text; });
  CHECK(seen == "0a2c4e");
}

TEST_CASE("selection: documents are read as edited so far, and emptied ones are named",
          "[data][selection]") {
  const testing::TempFolder folder;
  Collection corpus(folder.path());
  fill({text_document("one two"), text_document("two")}, corpus);
  Selection selection(corpus, 1);
  selection.add_edit("twos", [](size_t, Document& document) -> int64_t {
    auto& text = document.parts[0].text;
    text.erase(text.find("two"));
    return 1;
  });
  selection.add_edit("upper", [](size_t number, Document& document) -> int64_t {
    document.parts[0].text += std::to_string(number);
    return 0;
  });
  const auto first = selection.read(corpus.chunks[0]);
  REQUIRE(first.documents.size() == 2);
  CHECK(first.documents[0].document.parts[0].text == "one 0");
  CHECK(first.edited == std::vector<int64_t>{2, 0});
  selection.add_edit("all", [](size_t, Document& document) -> int64_t {
    if (document.parts[0].text == "1") document.parts[0].text.clear();
    return 0;
  });
  const auto second = selection.read(corpus.chunks[0]);
  CHECK(second.documents.size() == 1);
  CHECK(second.emptied == std::vector<size_t>{1});
}

TEST_CASE("held-out lines: those that stand in training text go, whole records stay",
          "[data][selection]") {
  const testing::TempFolder folder;
  Collection corpus(folder.path());
  auto chat = text_document("Shared", Split::kTest);
  chat.whole = true;
  fill({text_document("Shared\nonly here"), text_document("Shared\nnew", Split::kTest), chat,
        text_document("Shared", Split::kDev)},
       corpus);
  HeldOutLines lines({.min_characters = 1}, {xxh3_64("Shared"), xxh3_64("new")});
  Selection selection(corpus, 2);
  lines.run(selection);
  const auto first = selection.read(corpus.chunks[0]).documents;
  CHECK(first[0].document.parts[0].text == "Shared\nonly here");
  CHECK(first[1].document.parts[0].text == "new");
  const auto second = selection.read(corpus.chunks[1]);
  REQUIRE(second.documents.size() == 1);
  CHECK(second.documents[0].document.whole);
  CHECK(second.emptied == std::vector<size_t>{3});
  CHECK(second.edited == std::vector<int64_t>{1});
}

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
  const testing::TempFolder folder;
  const auto firsts = [&](const auto& takes_part) {
    std::vector<size_t> found = {0, 1, 2, 3, 4, 5};
    for_each_copy(marks, {folder.path()}, takes_part,
                  [&](size_t first, size_t copy) { found[copy] = first; });
    return found;
  };
  CHECK(firsts([](size_t) { return true; }) == std::vector<size_t>{2, 1, 2, 1, 5, 5});
  CHECK(firsts([](size_t n) { return n != 2; }) == std::vector<size_t>{0, 1, 2, 1, 5, 5});
}

TEST_CASE("dedup: the same copies in little memory, hashes that agree by half are two",
          "[data][dedup]") {
  std::vector<DocumentMark> marks;
  std::vector<size_t> want;
  std::map<std::pair<uint64_t, uint64_t>, size_t> first_of;
  for (size_t n = 0; n < 20'000; ++n) {
    const Hash128 content{.low = mix64(n * n % 7001, 1), .high = n % 2};
    marks.push_back({.content = content});
    want.push_back(first_of.try_emplace({content.low, content.high}, n).first->second);
  }
  const testing::TempFolder folder;
  for (const uint64_t memory : {16 << 10, 512 << 20}) {
    auto firsts = std::vector<size_t>(marks.size());
    std::iota(firsts.begin(), firsts.end(), size_t{0});
    for_each_copy(
        marks, {folder.path(), memory}, [](size_t) { return true; },
        [&](size_t first, size_t copy) { firsts[copy] = first; });
    CHECK((firsts == want));
  }
}

TEST_CASE("dedup: held-out lines that stand in training are known by their whole text",
          "[data][dedup]") {
  std::vector<uint64_t> hashes;
  for_each_line("Open\n\nClose\nSave as",
                [&](std::string_view line) { hashes.push_back(xxh3_64(line)); });
  CHECK(hashes.size() == 3);
  HeldOutLines lines({.min_characters = 4}, hashes);
  const testing::TempFolder folder;
  Collection corpus(folder.path());
  fill({text_document("Close"), text_document("Save"),
        text_document("Open\n\nClose\n\nSave as", Split::kTest),
        text_document("all new\n\nhere", Split::kDev), text_document("ab"),
        text_document("ab\n\nClose\n", Split::kDev)},
       corpus);
  Selection selection(corpus, 2);
  lines.run(selection);
  CHECK(lines.seen("Close"));
  CHECK_FALSE(lines.seen("Open"));
  CHECK_FALSE(lines.seen("Save as"));
  CHECK_FALSE(lines.seen("Save"));
  CHECK(selection.document(2).parts[0].text == "Open\n\nSave as");
  CHECK(selection.document(3).parts[0].text == "all new\n\nhere");
  CHECK(selection.document(5).parts[0].text == "ab");  // a short line stays
}

}  // namespace reka::data
