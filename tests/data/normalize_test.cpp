#include "data/corpus/normalize.h"

#include "tests/support/catch.h"

namespace reka::data {

TEST_CASE("normalize: letters and their marks are composed", "[data][normalize]") {
  CHECK(normalize("e\u0301") == "\u00E9");
  CHECK(normalize("\u1112\u1161\u11AB") == "\uD55C");
  CHECK(normalize("plain") == "plain");
  CHECK(normalize("").empty());
  CHECK(normalize("\uFB01") == "\uFB01");  // NFC, not NFKC
}

TEST_CASE("normalize: lines end in LF, control characters go, spaces and tabs stay",
          "[data][normalize]") {
  CHECK(normalize("a\r\nb\rc\nd\r") == "a\nb\nc\nd\n");
  CHECK(normalize(std::string("a\0b\x07\x1B[0m\x7F", 9)) == "ab[0m");
  CHECK(normalize("\u0085x\u009F") == "x");
  CHECK(normalize("  a \t  b  ") == "  a \t  b  ");
  CHECK(normalize("\uFEFFsoft\u00ADhyphen\u200E\u202E\u2066\uFFFE") == "softhyphen");
}

TEST_CASE("normalize: zero-width characters stay where they mean something", "[data][normalize]") {
  for (const auto* text : {"👩\u200D👩\u200D👧", "🏳\uFE0F\u200D🌈", "👩🏽\u200D🚒",
                           "می\u200Cخواهم", "क्\u200Dष", "ខ្មែរ\u200Bភាសា", "ภาษา\u200Bไทย"}) {
    INFO(text);
    CHECK(normalize(text) == text);
  }
  CHECK(normalize("zero\u200Bwidth\u200Djoin\u200C") == "zerowidthjoin");
  CHECK(normalize("\u200D漢\u200D字") == "漢字");
}

TEST_CASE("normalize: twice is once, and characters are counted", "[data][normalize]") {
  const std::string text = "a\u200B\u0301\r\n\u200De\u200B\u0301";
  CHECK(normalize(normalize(text)) == normalize(text));
  CHECK(count_characters("aé漢🧿") == 4);
}

}  // namespace reka::data
