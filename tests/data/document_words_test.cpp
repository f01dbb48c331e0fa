#include "data/corpus/document_words.h"

#include <set>

#include "tests/data/corpus.h"
#include "tests/support/catch.h"

namespace reka::data {
namespace {

// The text without its words first ... last.
std::string without(const std::string& text, size_t first, size_t last) {
  auto document = text_document(text);
  std::vector<Cut> cuts;
  {
    const DocumentWords words(document);
    std::vector<bool> marked(words.size());
    for (auto n = first; n <= last; ++n) marked[n] = true;
    cuts = words.cuts(marked);
  }
  apply_cuts(cuts, document);
  return document.parts[0].text;
}

}  // namespace

TEST_CASE("document words: of the white space beside a cut the stronger stays",
          "[data][document_words]") {
  CHECK(without("one two three four", 1, 2) == "one four");
  CHECK(without("one two\n\nthree\nfour", 1, 2) == "one\nfour");
  CHECK(without("one two three\n\nfour", 1, 2) == "one\n\nfour");
  CHECK(without("one\ntwo three  four", 1, 2) == "one\nfour");
  CHECK(without("  one two three\n", 0, 1) == "  three\n");
  CHECK(without("  one two three\n", 1, 2) == "  one\n");
  CHECK(without(" one two ", 0, 1).empty());
  // ICU takes a number behind a narrow no-break space for white space: it is no copy.
  CHECK(without("one two \u00d7\u202f1080 three", 1, 2) == "one\u202f1080 three");
}

TEST_CASE("document words: a cut makes no new word of two", "[data][document_words]") {
  CHECK(without("one,two,three", 1, 3) == "one\nthree");
  CHECK(without("one (two) three", 2, 2) == "one (\n) three");
  CHECK(without("我们今天学习", 1, 1) == "我们\n学习");
}

TEST_CASE("document words: parts are read in a row and cut by themselves",
          "[data][document_words]") {
  Document document;
  document.parts = {{.text = "one two"},
                    {.kind = Part::Kind::kSpecial, .text = "<sep>"},
                    {.text = "three four five"}};
  const DocumentWords words(document);
  REQUIRE(words.size() == 5);
  CHECK(words.text(1, 3) == "two\nthree four");
  const auto cuts = words.cuts({false, true, true, true, false});
  CHECK(cuts.size() == 2);
  auto cut = document;
  apply_cuts(cuts, cut);
  CHECK(cut.parts[0].text == "one");
  CHECK(cut.parts[1].text == "<sep>");
  CHECK(cut.parts[2].text == "five");
}

TEST_CASE("document words: runs have one hash when their words are the same",
          "[data][document_words]") {
  const auto document = text_document("a b c d a\nb  c d, a b d c a b c");
  const DocumentWords words(document);
  const auto hashes = words.run_hashes(3);
  REQUIRE(words.size() == 16);
  REQUIRE(hashes.size() == 14);
  CHECK(hashes[0] == hashes[4]);
  CHECK(hashes[0] == hashes[13]);
  CHECK(hashes[1] == hashes[5]);
  // abc bcd cda dab bc d, ...: what is left is told apart.
  CHECK(std::set(hashes.begin(), hashes.end()).size() == 11);
  CHECK(words.run_hashes(16).size() == 1);
  CHECK(words.run_hashes(17).empty());
}

}  // namespace reka::data
