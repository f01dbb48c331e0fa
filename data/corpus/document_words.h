#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/corpus/document.h"

namespace reka::data {

/// Bytes that are taken out of a part of a document; a newline may come in their place.
struct Cut {
  uint32_t part = 0;
  uint32_t begin = 0;
  uint32_t size = 0;
  bool leaves_newline = false;
};

/// Takes them all out: in ascending order, each of bytes of its own.
void apply_cuts(std::span<const Cut> cuts, Document& document);

/// The words of all text parts of a document, one part behind the other, as words.h cuts them:
/// punctuation is words too, white space stands between words. They are compared byte for byte.
class DocumentWords {
 public:
  /// `document` must stay as it is for as long as this is used.
  explicit DocumentWords(const Document& document);

  size_t size() const { return words_.size(); }

  /// A hash of each run of `count` words, by its first; none when there are fewer words. Equal
  /// runs have equal hashes; two other runs have one with a probability of about 2^-61.
  std::vector<uint64_t> run_hashes(size_t count) const;

  /// Takes out the words that are marked. Of the white space on both sides of a run that with more
  /// line breaks stays, or else the longer, the first of equals; where neither has any a newline
  /// comes in its place, so that no new word comes into being.
  std::vector<Cut> cuts(const std::vector<bool>& marked) const;

  /// The text from the beginning of a word to the end of another, a line for each part.
  std::string text(size_t first, size_t count) const;

 private:
  struct Word {
    uint32_t part = 0;
    uint32_t begin = 0;
    uint32_t end = 0;
  };

  Cut cut(size_t first, size_t last) const;
  bool stands_beside(size_t word, uint32_t part) const {
    return word < words_.size() && words_[word].part == part;
  }
  std::string_view slice(uint32_t part, uint32_t begin, uint32_t end) const;

  const Document& document_;
  std::vector<Word> words_;
};

}  // namespace reka::data
