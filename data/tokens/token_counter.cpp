#include "data/tokens/token_counter.h"

#include <sentencepiece_processor.h>

#include "data/tokens/bpe.h"
#include "data/tokens/tokenizer.h"
#include "reka/base/error.h"
#include "reka/base/files.h"
#include "reka/base/hash.h"

namespace reka::data {
namespace {

namespace fs = std::filesystem;

class SentencePieceCounter final : public TokenCounter {
 public:
  SentencePieceCounter(std::string_view model, const std::string& place) : TokenCounter(model) {
    const auto status = processor_.LoadFromSerializedProto({model.data(), model.size()});
    if (!status.ok()) throw DataError("{}: is no SentencePiece model: must be one", place);
  }

  int64_t count(std::string_view text) const override {
    std::vector<int> ids;
    processor_.Encode({text.data(), text.size()}, &ids).IgnoreError();
    return std::ssize(ids);
  }

 private:
  sentencepiece::SentencePieceProcessor processor_;
};

class BpeCounter final : public TokenCounter {
 public:
  BpeCounter(std::string_view json, const std::string& place)
      : TokenCounter(json), bpe_(json, place) {}

  int64_t count(std::string_view text) const override { return bpe_.count(text); }

 private:
  Bpe bpe_;
};

}  // namespace

TokenCounter::TokenCounter(std::string_view file) : fingerprint_(xxh3_64(file)) {}

std::shared_ptr<const TokenCounter> TokenCounter::load(const fs::path& path) {
  constexpr auto* kJson = "tokenizer.json";
  const auto json = fs::is_directory(path) ? path / kJson : path;
  const bool is_json = json.extension() == ".json" && fs::is_regular_file(json) &&
                       !fs::exists(path / "tokenizer.model");
  if (is_json) return std::make_shared<BpeCounter>(read_file(json), json.string());
  if (fs::is_regular_file(path))
    return std::make_shared<SentencePieceCounter>(read_file(path), path.string());
  return std::make_shared<SentencePieceCounter>(Tokenizer::load(path)->model_bytes(),
                                                path.string());
}

}  // namespace reka::data
