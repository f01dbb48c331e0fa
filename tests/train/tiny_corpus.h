#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "data/shards/writer.h"
#include "data/tokens/tokenizer.h"
#include "data/tokens/train.h"
#include "reka/base/files.h"
#include "reka/base/hash.h"
#include "reka/base/random.h"

namespace reka::testing {

/// A few texts of one language, the word numbers by a seed.
inline std::vector<std::string> tiny_texts(int count, uint64_t seed) {
  static const std::vector<std::string> words = {"green ", "leaves ", "fall ", "on ",
                                                 "red ",   "roses ",  "and ",  "grow "};
  std::vector<std::string> texts;
  for (int n = 0; n < count; ++n) {
    auto text = fmt::format("{} ", n);
    const auto length = 3 + uniform_below(mix64(seed, n), 12);
    for (uint64_t i = 0; i < length; ++i) text += words[uniform_below(mix64(seed, n, i), 8)];
    texts.push_back(text);
  }
  return texts;
}

/// A tokenizer.model; with `other_letters` one of as many pieces that are not the same.
inline std::string tiny_tokenizer(bool other_letters = false) {
  auto texts = tiny_texts(200, 1);
  for (auto& text : texts) {
    for (auto& c : text) {
      if (other_letters && c >= 'a' && c < 'z') ++c;
    }
  }
  return data::train_tokenizer(texts, {.vocab_size = 375});
}

struct TinySource {
  std::string name;
  std::string language;
  int texts = 80;
  bool whole = false;  // texts that must not be cut
};

/// Shards with a tokenizer; every tenth text is held out.
inline void write_tiny_corpus(const std::filesystem::path& folder, const std::string& model,
                              const std::vector<TinySource>& sources) {
  const auto tokenizer = data::Tokenizer::from_bytes(model, "tiny");
  data::ShardWriter writer(folder, {.tokenizer = tokenizer->fingerprint(), .shard_bytes = 2000});
  write_file_atomic(writer.staging() / "tokenizer.model", model);
  for (const auto& source : sources) {
    int number = 0;
    for (const auto& text : tiny_texts(source.texts, xxh3_64(source.name))) {
      data::Sample sample = {.tokens = tokenizer->encode(text)};
      sample.tokens.push_back(tokenizer->end_of_text());
      sample.targets = {{0, static_cast<int32_t>(sample.tokens.size())}};
      sample.text_bytes = static_cast<int64_t>(text.size());
      sample.document_id = fmt::format("{}", number);
      sample.key = mix64(xxh3_64(source.name), number);
      sample.source = source.name;
      sample.language = source.language;
      sample.whole = source.whole;
      sample.split = number++ % 10 == 3 ? data::Split::kDev : data::Split::kTrain;
      writer.add(sample);
    }
  }
  writer.finish();
}

}  // namespace reka::testing
