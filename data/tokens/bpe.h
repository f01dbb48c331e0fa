#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <unicode/regex.h>

namespace reka::data {

/// Byte-pair encoding (Sennrich et al. 2016, arXiv:1508.07909) as a tokenizer.json of Hugging Face
/// describes it: those of GPT-2, Llama 3 and Qwen (bytes, cut by a regular expression) and of
/// Llama 2 and Mistral (characters, with bytes for unknown ones). The text must be in NFC. Literals
/// of special tokens are plain text.
class Bpe {
 public:
  /// Throws DataError: what in the file is not understood.
  Bpe(std::string_view json, const std::string& place);

  /// Tokens without those that a post-processor adds.
  int64_t count(std::string_view text) const;

 private:
  struct Reader;

  struct Replacement {
    std::string from, to;  // from "": `to` is put before the text
  };
  // How a text is cut into pieces that no token crosses.
  struct Cut {
    enum class Kind : uint8_t { kPattern, kMetaspace, kPrefixSpace };
    enum class Joins : uint8_t { kNothing, kBefore, kBehind };
    Kind kind = Kind::kPattern;
    std::shared_ptr<const icu::RegexPattern> pattern;
    bool keeps_found = true, keeps_rest = true;
    Joins joins = Joins::kNothing;  // what is found with the rest
    std::string mark;               // kMetaspace: stands for a space
    bool prepends = false;          // kMetaspace: to each piece
    bool prepends_first = false;    // kMetaspace: to the first of the text
    bool splits = true;             // kMetaspace
  };
  struct Merge {
    int32_t rank = 0;
    int32_t result = 0;
  };
  static uint64_t pair_of(int32_t left, int32_t right) {
    return static_cast<uint64_t>(static_cast<uint32_t>(left)) << 32U | static_cast<uint32_t>(right);
  }
  struct Piece {
    std::string text;
    bool first = false;  // of the whole text
  };

  static void cut(const Cut& cut, const Piece& piece, std::vector<Piece>& pieces);
  static void cut_by_pattern(const Cut& cut, const Piece& piece, std::vector<Piece>& pieces);
  int64_t count_text(std::string text, bool first) const;
  int64_t count_piece(std::string_view piece) const;
  std::vector<int32_t> symbols(std::string_view piece) const;
  int64_t count_merged(std::vector<int32_t> ids) const;

  std::unordered_map<std::string, int32_t> vocabulary_;
  std::unordered_map<uint64_t, Merge> merges_;  // by both ids
  std::vector<std::string> added_;              // that are not special, the longest first
  std::vector<Replacement> replacements_;
  std::vector<Cut> cuts_;
  bool by_bytes_ = false;  // each byte is a character of the vocabulary
  bool byte_fallback_ = false;
  bool fuses_unknown_ = false;
  bool ignores_merges_ = false;  // where a whole piece is in the vocabulary
};

}  // namespace reka::data
