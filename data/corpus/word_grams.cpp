#include "data/corpus/word_grams.h"

#include <bit>

#include "data/corpus/mersenne.h"
#include "reka/base/random.h"

namespace reka::data {

WordGrams::WordGrams(std::span<const std::string_view> words, std::span<const uint32_t> lengths)
    : words_(words), lengths_(lengths) {
  word_hashes_.reserve(words.size());
  word_powers_.reserve(words.size());
  std::vector<uint64_t> powers = {1};
  for (const auto& word : words) {
    uint64_t hash = 0;
    for (const char byte : word)
      hash = add_modulo(multiply_modulo(hash, kHashBase), static_cast<uint8_t>(byte) + 1U);
    while (powers.size() <= word.size())
      powers.push_back(multiply_modulo(powers.back(), kHashBase));
    word_hashes_.push_back(hash);
    word_powers_.push_back(powers[word.size()]);
  }
  joined_ = spaced_ = word_hashes_;
  table_.resize(std::bit_ceil(2 * words.size() + 1));
}

// Grams of `done` words, the ones that have n behind them, become grams of n.
void WordGrams::extend(size_t n, uint64_t separator, std::vector<uint64_t>& hashes,
                       size_t& done) const {
  for (; done < n; ++done) {
    for (size_t i = 0; i + done < words_.size(); ++i) {
      auto hash = hashes[i];
      if (separator != 0) hash = add_modulo(multiply_modulo(hash, kHashBase), separator);
      hashes[i] = add_modulo(multiply_modulo(hash, word_powers_[i + done]), word_hashes_[i + done]);
    }
  }
}

void WordGrams::clear_table() {
  for (auto& slot : table_) slot.count = 0;
}

WordGrams::Slot& WordGrams::find(uint64_t hash) {
  const auto mask = table_.size() - 1;
  auto at = mix64(hash) & mask;
  while (table_[at].count != 0 && table_[at].hash != hash) at = (at + 1) & mask;
  table_[at].hash = hash;
  return table_[at];
}

int64_t WordGrams::top_characters(size_t n) {
  if (words_.size() < n) return 0;
  extend(n, ' ' + 1U, spaced_, spaced_words_);
  clear_table();
  Slot top;
  for (size_t i = 0; i + n <= words_.size(); ++i) {
    auto& slot = find(spaced_[i]);
    if (slot.count++ == 0) slot.first = static_cast<uint32_t>(i);
    if (slot.count > top.count || (slot.count == top.count && slot.first < top.first)) top = slot;
  }
  auto length = static_cast<int64_t>(n - 1);
  for (size_t i = top.first; i < top.first + n; ++i) length += lengths_[i];
  return length * top.count;
}

int64_t WordGrams::repeated_characters(size_t n) {
  if (words_.size() < n) return 0;
  extend(n, 0, joined_, joined_words_);
  clear_table();
  int64_t characters = 0;
  for (size_t i = 0; i + n <= words_.size();) {
    auto& slot = find(joined_[i]);
    if (slot.count == 0) {
      slot.count = 1;
      ++i;
      continue;
    }
    for (const auto end = i + n; i < end; ++i) characters += lengths_[i];
  }
  return characters;
}

}  // namespace reka::data
