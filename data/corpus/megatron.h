#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "data/corpus/reader.h"
#include "data/corpus/split.h"
#include "reka/base/config.h"

namespace reka::data {

/// Token ids of Megatron-LM, NAME.bin with NAME.idx. Each document becomes text again by the
/// tokenizer that made it; <|endoftext|> inside divides it.
struct MegatronConfig {
  static constexpr std::string_view kName = "megatron";
  std::string path;
  std::string tokenizer;
  SplitConfig split;

  void describe(auto& field) {
    field("path", path,
          "files .idx below the corpus folder, with * ** and {language}; each .bin beside its .idx",
          not_empty);
    field("tokenizer", tokenizer, "what made the token ids: a tokenizer.model or the folder of one",
          not_empty);
    field("split", split, "which documents are held out, by their text");
  }
};

std::unique_ptr<Reader> make_reader(const MegatronConfig& config, const ReaderContext& context);

}  // namespace reka::data
