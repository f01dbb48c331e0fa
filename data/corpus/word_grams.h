#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace reka::data {

/// How much of a text are n words in a row that stand in it more than once. Grams are compared by
/// a hash of their bytes, polynomial modulo 2^61 - 1, so that each costs a step for any n.
class WordGrams {
 public:
  /// Lengths in characters. Both must outlive this.
  WordGrams(std::span<const std::string_view> words, std::span<const uint32_t> lengths);

  /// Characters of the most frequent gram (of several the first in the text) with a space between
  /// its words, times how often it stands there.
  int64_t top_characters(size_t n);
  /// Characters of the grams that stand before, read from the left: behind such a one reading goes
  /// on after its last word, else at the next word. Two grams are equal when their words without
  /// anything between are.
  int64_t repeated_characters(size_t n);

 private:
  struct Slot {
    uint64_t hash = 0;
    uint32_t count = 0;  // 0: free
    uint32_t first = 0;
  };

  void extend(size_t n, uint64_t separator, std::vector<uint64_t>& hashes, size_t& done) const;
  void clear_table();
  Slot& find(uint64_t hash);

  std::span<const std::string_view> words_;
  std::span<const uint32_t> lengths_;
  std::vector<uint64_t> word_hashes_, word_powers_;
  std::vector<uint64_t> joined_, spaced_;  // of the grams that begin at each word
  size_t joined_words_ = 1, spaced_words_ = 1;
  std::vector<Slot> table_;
};

}  // namespace reka::data
