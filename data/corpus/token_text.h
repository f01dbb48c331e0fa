#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "data/corpus/document.h"
#include "data/tokens/tokenizer.h"

namespace reka::data {

/// Texts out of token ids, by the tokenizer that made them. A corpus tokenizes them anew: with the
/// same tokenizer that gives the same ids again, as far as it is one that gave them.
class TokenText {
 public:
  /// `path` is a tokenizer.model or the folder of one, relative to `root`; "" for none: texts() is
  /// then an error. Throws DataError for one that is not there.
  TokenText(const std::filesystem::path& root, const std::string& path);

  /// The texts between the marks <|endoftext|>, without empty ones; half characters at their edges
  /// become U+FFFD. Throws DataError for ids that are no text: unknown ones and other specials.
  std::vector<std::string> texts(std::span<const int64_t> ids) const;

  /// The file that the texts depend on.
  std::vector<std::filesystem::path> inputs() const;

 private:
  std::filesystem::path path_;
  std::shared_ptr<const Tokenizer> tokenizer_;
};

}  // namespace reka::data
