#include "data/corpus/shingles.h"

#include <string>

#include "reka/base/hash.h"
#include "tests/support/catch.h"

namespace reka::data {
namespace {

std::string plain(std::string_view text) {
  Shingler shingler(ShingleUnit::kWords, 5);
  shingler.shingles(text);
  return std::string(shingler.plain_form());
}

std::vector<uint64_t> shingles(std::string_view text, ShingleUnit unit, size_t ngram) {
  Shingler shingler(unit, ngram);
  const auto made = shingler.shingles(text);
  return {made.begin(), made.end()};
}

}  // namespace

TEST_CASE("shingles: the plain form has neither case, accents, marks nor digits",
          "[data][shingles]") {
  CHECK(plain("  Crème\tBRÛLÉE,\n\n“Straße” — co-op!  ") == "creme brulee straße co op");
  CHECK(plain("It's 3.14, not 1,234,567 or x86-64.") == "it s 0 not 0 0 or x0 0");
  CHECK(plain("१२३ ٣٫١٤ 四 ３") == "0 0 四 0");
  CHECK(plain("ΟΔΟΣ Σοφός ΟΔΟΣ") == "οδος σοφος οδος");
  CHECK(plain("İstanbul ﬁ Ǆ") == "istanbul ﬁ ǆ");
  CHECK(plain("हिन्दी") == "हिनदी");  // vowel signs that take space stay, the virama goes
  CHECK(plain("한국어 가") == "한국어 가");
  CHECK(plain("price: 5$ + 3€ = 😀 ok") == "price 0 0 ok");
  CHECK(plain("a\x80z") == "a z");
  CHECK(plain("") == "");
  CHECK(plain("... !!") == "");
}

TEST_CASE("shingles: each is the hash of a run of words as they stand", "[data][shingles]") {
  const auto made = shingles("One two, THREE four!", ShingleUnit::kWords, 2);
  CHECK(made ==
        std::vector<uint64_t>{xxh3_64("one two"), xxh3_64("two three"), xxh3_64("three four")});
  CHECK(shingles("one two three four", ShingleUnit::kWords, 5).empty());
  CHECK(shingles("", ShingleUnit::kWords, 1).empty());
}

TEST_CASE("shingles: a character of a script without spaces is a word", "[data][shingles]") {
  CHECK(shingles("日本語。GPU と", ShingleUnit::kWords, 2) ==
        std::vector<uint64_t>{xxh3_64("日本"), xxh3_64("本語"), xxh3_64("語 gpu"),
                              xxh3_64("gpu と")});
  CHECK(shingles("ไทย", ShingleUnit::kWords, 1).size() == 3);
  CHECK(shingles("한국어", ShingleUnit::kWords, 1).size() == 1);
}

TEST_CASE("shingles: runs of characters go over the ends of words", "[data][shingles]") {
  CHECK(shingles("Añ 日", ShingleUnit::kCharacters, 2) ==
        std::vector<uint64_t>{xxh3_64("an"), xxh3_64("n "), xxh3_64(" 日")});
}

TEST_CASE("shingles: a used shingler gives what a new one does", "[data][shingles]") {
  Shingler used(ShingleUnit::kWords, 3);
  used.shingles("a long text that is here before the other one, 日本語");
  const auto again = used.shingles("one two three");
  CHECK(std::vector<uint64_t>(again.begin(), again.end()) ==
        shingles("one two three", ShingleUnit::kWords, 3));
}

}  // namespace reka::data
