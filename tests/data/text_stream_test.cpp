#include "data/tokens/text_stream.h"

#include "data/tokens/train.h"
#include "tests/support/catch.h"

namespace reka::data {
namespace {

/// Few characters are pieces: all others fall back on bytes.
std::shared_ptr<const Tokenizer> latin_tokenizer() {
  static const auto tokenizer = [] {
    const std::vector<std::string> lines(50, "one two text human: humid abcab abx hand");
    TokenizerTrainConfig config;
    config.vocab_size = 512;
    std::vector<std::string> all = lines;
    for (int n = 0; n < 200; ++n) all.push_back(fmt::format("word{} number{} a{}b", n, 7 * n, n));
    for (char a = 'a'; a <= 'z'; ++a)
      for (char b = 'a'; b <= 'z'; ++b) all.push_back(fmt::format("x{0}{1} {1}{0}y{0}", a, b));
    return Tokenizer::from_bytes(train_tokenizer(all, config), "latin");
  }();
  return tokenizer;
}

std::vector<std::string> stream(const std::vector<int32_t>& ids, std::vector<std::string> stops) {
  TextStream out(latin_tokenizer(), std::move(stops));
  std::vector<std::string> pieces;
  for (const auto id : ids) pieces.push_back(out.add(id));
  pieces.push_back(out.finish());
  return pieces;
}

std::string joined(const std::vector<std::string>& pieces) {
  std::string text;
  for (const auto& piece : pieces) text += piece;
  return text;
}

std::string streamed(const std::string& text, std::vector<std::string> stops = {}) {
  return joined(stream(latin_tokenizer()->encode(text), std::move(stops)));
}

}  // namespace

TEST_CASE("text stream: a character is shown once all its bytes are there", "[data][tokens]") {
  const auto pieces = stream(latin_tokenizer()->encode("é€😀"), {});
  const std::vector<std::string> want = {"", "é", "", "", "€", "", "", "", "😀", ""};
  CHECK(pieces == want);
}

TEST_CASE("text stream: the pieces together are the text", "[data][tokens]") {
  for (const std::string text :
       {"one", " a  é😀 two\n\n€é text", "日本語とไทย human", "😀😀 humid\t", "a\uFFFDb"})
    CHECK(streamed(text) == text);
  for (const std::string text : {"é😀 two text: €", "😀one", "two 日本"})
    CHECK(streamed(text, {"\nhuman:", "語"}) == text);
}

TEST_CASE("text stream: bytes that are no character are shown as one tells that they are not",
          "[data][tokens]") {
  auto ids = latin_tokenizer()->encode("€€");
  ids.erase(ids.begin() + 2);  // e2 82 | e2 82 ac
  CHECK(stream(ids, {}) == std::vector<std::string>{"", "", "\uFFFD\uFFFD", "", "€", ""});
  ids = latin_tokenizer()->encode("😀a");
  ids.erase(ids.begin() + 3);
  CHECK(joined(stream(ids, {})) == latin_tokenizer()->decode(ids));
  ids = latin_tokenizer()->encode("a😀");
  ids.pop_back();
  CHECK(joined(stream(ids, {})) == latin_tokenizer()->decode(ids));
}

TEST_CASE("text stream: ends before a stop string and holds back its beginning", "[data][tokens]") {
  CHECK(streamed("one\nhuman: two", {"\nhuman:"}) == "one");
  CHECK(streamed("é😀one\nhuman: two", {"\nhuman:"}) == "é😀one");
  CHECK(streamed("one\nhumid", {"\nhuman:"}) == "one\nhumid");
  CHECK(streamed("abcab", {"abx"}) == "abcab");
  CHECK(streamed("a語 b", {"語"}) == "a");
  CHECK(streamed("text", {""}) == "text");
}

}  // namespace reka::data
