#include "tests/data/tiny_tokenizer.h"

#include "data/tokens/train.h"

namespace reka::testing {

std::shared_ptr<const data::Tokenizer> tiny_tokenizer() {
  static const auto tokenizer = [] {
    std::vector<std::string> lines;
    for (int n = 0; n < 300; ++n) {
      lines.push_back("one text and another, of words, number " + std::to_string(n));
    }
    data::TokenizerTrainConfig config;
    config.vocab_size = 400;
    return data::Tokenizer::from_bytes(data::train_tokenizer(lines, config), "tiny");
  }();
  return tokenizer;
}

}  // namespace reka::testing
