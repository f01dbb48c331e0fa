#include "tests/data/made_samples.h"

#include <algorithm>

#include <fmt/format.h>

#include "reka/base/error.h"
#include "reka/base/files.h"
#include "reka/base/hash.h"
#include "reka/base/random.h"

namespace reka::testing {
namespace {

using data::Sample;

class ByteTokenizer : public data::Tokenizer {
 public:
  std::vector<int32_t> encode(std::string_view text) const override {
    std::vector<int32_t> ids;
    for (const unsigned char c : text) ids.push_back(first() + c);
    return ids;
  }
  std::vector<int32_t> encode_with_specials(std::string_view text) const override {
    return encode(text);
  }
  std::string decode(std::span<const int32_t> ids) const override {
    std::string text;
    for (const auto id : ids) text += piece(id);
    return text;
  }
  std::string piece(int32_t id) const override {
    if (id >= first()) return {static_cast<char>(id - first())};
    return id == 0 ? "<unk>" : data::special_symbols()[static_cast<size_t>(id) - 1];
  }
  int32_t special(std::string_view symbol) const override {
    const auto& symbols = data::special_symbols();
    const auto found = std::find(symbols.begin(), symbols.end(), symbol);
    if (found == symbols.end()) throw DataError("byte tokenizer: no symbol {}", symbol);
    return static_cast<int32_t>(found - symbols.begin()) + 1;
  }
  bool is_special(int32_t id) const override { return id > 0 && id < first(); }
  int64_t vocab_size() const override { return first() + 256; }
  uint64_t fingerprint() const override { return 0xb17e; }
  const std::string& model_bytes() const override { return model_; }

 private:
  static int32_t first() { return static_cast<int32_t>(data::special_symbols().size()) + 1; }
  std::string model_ = "bytes";
};

}  // namespace

std::shared_ptr<const data::Tokenizer> byte_tokenizer() {
  static const auto tokenizer = std::make_shared<const ByteTokenizer>();
  return tokenizer;
}

Sample text_sample(const std::string& id, const std::string& text) {
  Sample sample;
  sample.tokens = byte_tokenizer()->encode(text);
  sample.tokens.push_back(byte_tokenizer()->end_of_text());
  sample.targets = {{0, static_cast<int32_t>(sample.tokens.size())}};
  sample.text_bytes = static_cast<int64_t>(text.size());
  sample.document_id = id;
  sample.key = xxh3_64(id);
  sample.source = "text";
  sample.language = "en";
  return sample;
}

Sample media_sample(const std::string& id, Modality modality, const Geometry& geometry,
                    const std::string& text) {
  const auto tokens = byte_tokenizer();
  const auto name = std::string(modality_name(modality));
  const auto placeholder = modality == Modality::kAudio ? "<REKA_ADO_TOKEN>" : "<REKA_IMG_TOKEN>";
  auto sample = text_sample(id, text);
  const std::vector<int32_t> head = {tokens->special("<" + name + ">"),
                                     tokens->special(placeholder),
                                     tokens->special("</" + name + ">")};
  sample.tokens.insert(sample.tokens.begin(), head.begin(), head.end());
  sample.targets.front().begin = static_cast<int32_t>(head.size());
  sample.files = {std::make_shared<const std::string>("bytes of " + id)};
  sample.media = {{modality, geometry, 1, as_bytes(*sample.files.front())}};
  sample.whole = true;
  sample.source = name;
  return sample;
}

std::vector<Sample> text_samples(int count, int longest, uint64_t seed) {
  std::vector<Sample> samples;
  for (int n = 0; n < count; ++n) {
    const auto length = 1 + uniform_below(mix64(seed, n, -1), static_cast<uint64_t>(longest));
    std::string text;
    for (uint64_t i = 0; i < length; ++i)
      text += static_cast<char>('a' + uniform_below(mix64(seed, n, i), 26));
    samples.push_back(text_sample(fmt::format("doc{}", n), text));
  }
  return samples;
}

}  // namespace reka::testing
