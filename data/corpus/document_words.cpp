#include "data/corpus/document_words.h"

#include <algorithm>
#include <utility>

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include "data/corpus/mersenne.h"
#include "data/corpus/words.h"
#include "reka/base/hash.h"
#include "reka/base/random.h"

namespace reka::data {
namespace {

std::pair<std::ptrdiff_t, size_t> weight_of_gap(std::string_view gap) {
  return {std::count(gap.begin(), gap.end(), '\n'), gap.size()};
}

// A narrow no-break space joins numbers: ICU's white space may have some behind it.
bool is_blank(std::string_view gap) {
  for (size_t at = 0; at < gap.size();) {
    UChar32 character = 0;
    U8_NEXT(reinterpret_cast<const uint8_t*>(gap.data()), at, gap.size(), character);
    if (character < 0 || u_isUWhiteSpace(character) == 0) return false;
  }
  return true;
}

}  // namespace

void apply_cuts(std::span<const Cut> cuts, Document& document) {
  for (size_t n = cuts.size(); n-- > 0;) {
    const auto& cut = cuts[n];
    document.parts[cut.part].text.replace(cut.begin, cut.size, cut.leaves_newline ? "\n" : "");
  }
}

DocumentWords::DocumentWords(const Document& document) : document_(document) {
  std::vector<std::string_view> found;
  for (size_t part = 0; part < document.parts.size(); ++part) {
    if (document.parts[part].kind != Part::Kind::kText) continue;
    const std::string_view text = document.parts[part].text;
    split_words(text, found);
    for (const auto word : found) {
      const auto begin = static_cast<uint32_t>(word.data() - text.data());
      words_.push_back(
          {static_cast<uint32_t>(part), begin, begin + static_cast<uint32_t>(word.size())});
    }
  }
}

// Karp and Rabin: h(i + 1) = h(i) b + w(i + n) - w(i) b^n, where w are the words' own hashes; the
// difference of two runs is zero for one of 2^61 - 1 values of any word that tells them apart.
std::vector<uint64_t> DocumentWords::run_hashes(size_t count) const {
  std::vector<uint64_t> hashes;
  if (words_.size() < count) return hashes;
  std::vector<uint64_t> words;
  words.reserve(words_.size());
  for (const auto& word : words_) {
    words.push_back(xxh3_64(slice(word.part, word.begin, word.end)) % kHashModulus);
  }
  uint64_t power = 1;
  for (size_t n = 0; n < count; ++n) power = multiply_modulo(power, kHashBase);
  hashes.reserve(words.size() - count + 1);
  uint64_t hash = 0;
  for (size_t n = 0; n < words.size(); ++n) {
    hash = add_modulo(multiply_modulo(hash, kHashBase), words[n]);
    if (n >= count) {
      hash = add_modulo(hash, kHashModulus - multiply_modulo(words[n - count], power));
    }
    if (n + 1 >= count) hashes.push_back(mix64(hash));  // whose first bits vary as its last
  }
  return hashes;
}

std::string_view DocumentWords::slice(uint32_t part, uint32_t begin, uint32_t end) const {
  return std::string_view(document_.parts[part].text).substr(begin, end - begin);
}

std::vector<Cut> DocumentWords::cuts(const std::vector<bool>& marked) const {
  std::vector<Cut> cuts;
  for (size_t first = 0, last = 0; first < words_.size(); first = last + 1) {
    last = first;
    if (!marked[first]) continue;
    while (stands_beside(last + 1, words_[first].part) && marked[last + 1]) ++last;
    cuts.push_back(cut(first, last));
  }
  return cuts;
}

Cut DocumentWords::cut(size_t first, size_t last) const {
  const auto part = words_[first].part;
  const bool has_left = first > 0 && stands_beside(first - 1, part);
  const bool has_right = stands_beside(last + 1, part);
  const auto size = static_cast<uint32_t>(document_.parts[part].text.size());
  const auto left = has_left ? words_[first - 1].end : 0;
  const auto right = has_right ? words_[last + 1].begin : size;
  auto begin = words_[first].begin;
  auto end = words_[last].end;
  const auto before = slice(part, left, begin);
  const auto after = slice(part, end, right);
  if (has_left && has_right && before.empty() && after.empty()) {
    return {part, begin, end - begin, true};
  }
  // What stands at the beginning or the end of the part stays.
  const bool drops_after =
      has_right && (!has_left || weight_of_gap(before) >= weight_of_gap(after));
  const bool is_alone = !has_left && !has_right;
  if ((drops_after || is_alone) && is_blank(after)) end = right;
  if ((!drops_after || is_alone) && is_blank(before)) begin = left;
  return {part, begin, end - begin};
}

std::string DocumentWords::text(size_t first, size_t count) const {
  std::string text;
  for (size_t n = first; n < first + count;) {
    auto last = n;
    while (last + 1 < first + count && stands_beside(last + 1, words_[n].part)) ++last;
    if (n > first) text += '\n';
    text += slice(words_[n].part, words_[n].begin, words_[last].end);
    n = last + 1;
  }
  return text;
}

}  // namespace reka::data
