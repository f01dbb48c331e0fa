#include "data/tokens/text_stream.h"

#include "tests/support/catch.h"

using namespace reka::data;  // NOLINT(google-build-using-namespace)

namespace {

/// One id is one byte: enough to see what is held back.
class ByteTokenizer : public Tokenizer {
 public:
  std::vector<int32_t> encode(std::string_view text) const override {
    std::vector<int32_t> ids;
    for (const auto c : text) ids.push_back(static_cast<unsigned char>(c));
    return ids;
  }
  std::vector<int32_t> encode_with_specials(std::string_view text) const override {
    return encode(text);
  }
  std::string decode(std::span<const int32_t> ids) const override {
    std::string text;
    for (const auto id : ids) text += static_cast<char>(id);
    return text;
  }
  std::string piece(int32_t id) const override { return std::string(1, static_cast<char>(id)); }
  int32_t special(std::string_view) const override { return 0; }
  bool is_special(int32_t id) const override { return id == 0; }
  int64_t vocab_size() const override { return 256; }
  uint64_t fingerprint() const override { return 0; }
  const std::string& model_bytes() const override { return bytes_; }

 private:
  std::string bytes_;
};

std::vector<std::string> stream(const std::string& text, std::vector<std::string> stops) {
  const auto tokenizer = std::make_shared<ByteTokenizer>();
  TextStream out(tokenizer, std::move(stops));
  std::vector<std::string> pieces;
  for (const auto id : tokenizer->encode(text)) pieces.push_back(out.add(id));
  pieces.push_back(out.finish());
  return pieces;
}

std::string joined(const std::vector<std::string>& pieces) {
  std::string text;
  for (const auto& piece : pieces) text += piece;
  return text;
}

}  // namespace

TEST_CASE("text stream: a character is shown once all its bytes are there", "[tokens]") {
  const auto pieces = stream("aé€😀", {});
  const std::vector<std::string> want = {"a", "", "é", "", "", "€", "", "", "", "😀", ""};
  CHECK(pieces == want);
}

TEST_CASE("text stream: ends before a stop string and holds back its beginning", "[tokens]") {
  CHECK(joined(stream("one\nhuman: two", {"\nhuman:"})) == "one");
  CHECK(joined(stream("one\nhumid", {"\nhuman:"})) == "one\nhumid");
  CHECK(joined(stream("abcab", {"abx"})) == "abcab");
  CHECK(joined(stream("text", {""})) == "text");
}
