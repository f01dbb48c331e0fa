#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "reka/base/config.h"

namespace reka::data {

/// BPE with byte fallback, identity normalisation, digits and spaces kept apart, the symbols of
/// special_symbols() right after <unk>. Its ids are the same in SentencePiece, transformers and
/// llama.cpp.
struct TokenizerTrainConfig {
  static constexpr std::string_view kName = "train";
  int64_t vocab_size = 8192;
  int64_t sample_bytes = 4'000'000;
  double language_exponent = 0.3;
  double character_coverage = 0.995;

  void describe(auto& field) {
    field("vocab_size", vocab_size, "pieces, with the bytes and special symbols",
          between(512, 2'000'000));
    field("sample_bytes", sample_bytes, "text to learn from, over all languages", positive);
    field("language_exponent", language_exponent,
          "a language with n bytes has a share of the sample in proportion to n^this", fraction);
    field("character_coverage", character_coverage,
          "share of the sample's characters that are pieces; the others fall back on bytes",
          between(0.98, 1));
  }
};

/// The share of its text that each language gives to the sample: budget x n^a / sum n^a bytes of
/// n; what a small language cannot give is shared by the others.
std::map<std::string, double> sampling_rates(const std::map<std::string, int64_t>& language_bytes,
                                             const TokenizerTrainConfig& config);

/// `text` cut in lines, and these at the last space or character before `max_bytes`, so that the
/// trainer, which drops long sentences, sees every byte.
std::vector<std::string> training_lines(std::string_view text, size_t max_bytes = 2000);

/// The bytes of a tokenizer.model; the same for the same lines. Throws DataError when there are
/// none or they do not yield the vocabulary that is asked for, with the nearest that they yield.
std::string train_tokenizer(const std::vector<std::string>& lines,
                            const TokenizerTrainConfig& config);

}  // namespace reka::data
