#include "reka/base/words.h"

#include <vector>

#include "reka/base/utf8.h"
#include "tests/support/catch.h"

using namespace reka;

TEST_CASE("words: distance counts edits and swaps", "[base][words]") {
  CHECK(edit_distance("", "") == 0);
  CHECK(edit_distance("abc", "") == 3);
  CHECK(edit_distance("kitten", "sitting") == 3);
  CHECK(edit_distance("form", "from") == 1);
}

TEST_CASE("words: only near words are proposed", "[base][words]") {
  const std::vector<std::string> known = {"num_heads", "num_kv_heads", "dim", "theta"};
  CHECK(nearest_word("num_head", known) == "num_heads");
  CHECK(nearest_word("kv_heads", known) == "num_kv_heads");
  CHECK(nearest_word("dmi", known) == "dim");
  CHECK(nearest_word("colour", known).empty());
  CHECK(nearest_word("xy", known).empty());
  CHECK(did_you_mean("thet", known) == "; did you mean \"theta\"?");
  CHECK(did_you_mean("zzzz", known).empty());
}

TEST_CASE("words: a plain name is letters, digits, - and _ alone", "[base][words]") {
  for (const auto* name : {"a", "emoji_clips", "stage-2", "9"}) CHECK(reka::is_plain_name(name));
  for (const auto* name : {"", "a b", "a.b", "a/b", "ä", "a\n"})
    CHECK_FALSE(reka::is_plain_name(name));
}

TEST_CASE("utf8: the table of valid sequences", "[base][utf8]") {
  CHECK(valid_utf8_prefix("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80") == 10);
  CHECK(valid_utf8_prefix(std::string_view("\0", 1)) == 1);
  for (const std::string bad :
       {"\x80", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf0\x82\x82\xac",
        "\xc3", "\xe2\x82", "\xff"}) {
    CHECK(valid_utf8_prefix("ab" + bad) == 2);
  }
  CHECK(replace_bad_utf8("a\xff"
                         "b\xe2\x82") ==
        "a\xef\xbf\xbd"
        "b\xef\xbf\xbd\xef\xbf\xbd");
}
