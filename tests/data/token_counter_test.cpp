#include "data/tokens/token_counter.h"

#include "reka/base/error.h"
#include "tests/data/tiny_tokenizer.h"
#include "tests/support/catch.h"
#include "tests/support/message.h"
#include "tests/support/temp_folder.h"

namespace reka::data {
namespace {

using testing::message_of;
using testing::TempFolder;

constexpr const char* kByBytes = R"({
  "added_tokens": [{"id": 9, "content": "<end>", "special": true}, {"id": 8, "content": "a--a", "special": false}],
  "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "use_regex": true},
  "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "c": 2, "d": 3, "\u0120": 4, "ab": 5, "abc": 6, "\u0120a": 7},
            "merges": ["a b", "ab c", "\u0120 a"]}})";
constexpr const char* kByCharacters = R"({
  "normalizer": null,
  "pre_tokenizer": {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always", "split": true},
  "model": {"type": "BPE", "byte_fallback": true, "unk_token": "<unk>", "fuse_unk": true,
            "vocab": {"<unk>": 0, "\u2581": 1, "a": 2, "b": 3, "\u2581a": 4, "<0xC3>": 5, "<0xA9>": 6},
            "merges": [["\u2581", "a"]]}})";

}  // namespace

TEST_CASE("token counter: BPE over bytes, cut as GPT-2 does", "[data][tokens]") {
  const TempFolder folder;
  const auto counter = TokenCounter::load(folder.write("tokenizer.json", kByBytes).parent_path());
  CHECK(counter->count("") == 0);
  CHECK(counter->count("abc") == 1);
  CHECK(counter->count("abd") == 2);
  CHECK(counter->count("abc a") == 2);
  CHECK(counter->count("aba--aabc") == 3);
  CHECK(counter->count("cab ab") == 4);  // c ab, and of " ab" the first of two pairs: Ġ ab
}

TEST_CASE("token counter: BPE over characters, with bytes for unknown ones", "[data][tokens]") {
  const TempFolder folder;
  const auto counter = TokenCounter::load(folder.write("a.json", kByCharacters));
  CHECK(counter->count("a b") == 3);
  CHECK(counter->count("é") == 3);
  CHECK(counter->count("axyb") == 3);  // what is unknown is one
}

TEST_CASE("token counter: SentencePiece models, and what is none", "[data][tokens]") {
  const TempFolder folder;
  const auto& tokenizer = *testing::tiny_tokenizer();
  const auto counter = TokenCounter::load(folder.write("a.model", tokenizer.model_bytes()));
  CHECK(counter->count("some text") == std::ssize(tokenizer.encode("some text")));
  CHECK_THAT(message_of<DataError>([&] { TokenCounter::load(folder.write("b.model", "none")); }),
             Catch::Contains("b.model: is no SentencePiece model"));
  CHECK_THAT(message_of<DataError>([&] {
               TokenCounter::load(folder.write("b.json", R"({"model": {"type": "WordPiece"}})"));
             }),
             Catch::Contains("b.json: model.type: WordPiece: must be BPE"));
  CHECK_THAT(message_of<DataError>([&] { TokenCounter::load(folder.write("c.json", "[")); }),
             Catch::Contains("c.json: not JSON"));
}

}  // namespace reka::data
