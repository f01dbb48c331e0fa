#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace reka::data {

/// How many tokens a text is to some tokenizer, without those that mark its ends. From any thread.
class TokenCounter {
 public:
  virtual ~TokenCounter() = default;

  /// `path`: a SentencePiece model, a tokenizer.json of Hugging Face with a BPE model, or a folder
  /// that Tokenizer::load takes or that holds a tokenizer.json. Throws DataError.
  static std::shared_ptr<const TokenCounter> load(const std::filesystem::path& path);

  virtual int64_t count(std::string_view text) const = 0;
  uint64_t fingerprint() const { return fingerprint_; }  // XXH3-64 of the file

 protected:
  explicit TokenCounter(std::string_view file);

 private:
  uint64_t fingerprint_;
};

}  // namespace reka::data
