#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace reka::data {

enum class ShingleUnit { kWords, kCharacters };

/// Cuts texts into overlapping pieces by which near duplicates are found. Texts are compared in a
/// plain form, that of Hugging Face's datatrove: lower case; a number of any script, with at most
/// one decimal mark, is 0; punctuation, symbols and controls are spaces; runs of white space are
/// one space; accents are gone (NFD without Mn). Hangul stays composed, which tells the same apart.
///
/// A word stands between spaces; each character of a script that is written without spaces (Han,
/// kana, Thai, Lao, Khmer, Burmese...) is a word of its own. Keeps its memory between texts, so
/// that each thread has its own.
class Shingler {
 public:
  Shingler(ShingleUnit unit, size_t ngram) : unit_(unit), ngram_(ngram) {}

  /// XXH3-64 of each run of `ngram` words or characters, as they stand in the plain form; none for
  /// a shorter text. `text` is UTF-8. Valid until the next call.
  std::span<const uint64_t> shingles(std::string_view text);

  size_t ngram() const { return ngram_; }

  /// So many words or characters of the last text's plain form.
  std::string_view words(size_t first, size_t count) const {
    const auto begin = words_[first].begin;
    return plain_form().substr(begin, words_[first + count - 1].end - begin);
  }

  /// The plain form of the last text.
  std::string_view plain_form() const { return {form_.data(), size_}; }

 private:
  struct Word {
    uint32_t begin = 0;
    uint32_t end = 0;
  };

  void fold(std::string_view text);
  size_t skip_number(std::string_view text, size_t at) const;
  void put_space();
  void put_word(const char* bytes, size_t count, bool alone);
  size_t put_ascii_word(std::string_view text, size_t at);
  void cut_characters();

  ShingleUnit unit_;
  size_t ngram_;
  std::vector<char> form_;
  size_t size_ = 0;
  bool open_ = false;  // the last word may grow
  std::vector<Word> words_;
  std::vector<uint64_t> hashes_;
};

}  // namespace reka::data
