#include <algorithm>
#include <array>
#include <unordered_set>

#include "data/corpus/lines.h"
#include "data/corpus/signals.h"
#include "data/corpus/word_grams.h"

// Rae et al. 2021, arXiv:2112.11446, table A1, as datatrove counts: what is repeated is all but the
// first of each, by all characters of the text.

namespace reka::data {
namespace {

constexpr std::array<SignalColumn, 13> kRepetitionColumns = {{
    {"repetition.duplicate_paragraphs", 1,
     "share of paragraphs (cut at two or more newlines) that stand before in the text"},
    {"repetition.duplicate_paragraph_characters", 1, "characters in them, by all"},
    {"repetition.duplicate_lines", 1,
     "share of lines (cut at newlines) that stand before in the text"},
    {"repetition.duplicate_line_characters", 1, "characters in them, by all"},
    {"repetition.top_2_gram", 1,
     "characters in all places of the most frequent two words, with the space between, by all"},
    {"repetition.top_3_gram", 1, "the same of three words"},
    {"repetition.top_4_gram", 1, "the same of four words"},
    {"repetition.duplicate_5_grams", 1,
     "characters of five words in a row that stand before in the text, without overlap, by all"},
    {"repetition.duplicate_6_grams", 1, "the same of six words"},
    {"repetition.duplicate_7_grams", 1, "the same of seven words"},
    {"repetition.duplicate_8_grams", 1, "the same of eight words"},
    {"repetition.duplicate_9_grams", 1, "the same of nine words"},
    {"repetition.duplicate_10_grams", 1, "the same of ten words"},
}};

struct Repeated {
  std::unordered_set<std::string_view> seen;
  int64_t pieces = 0;
  int64_t repeated = 0;
  int64_t characters = 0;  // of the repeated ones

  void add(std::string_view piece) {
    ++pieces;
    if (seen.insert(piece).second) return;
    ++repeated;
    for_each_character(piece, [&](int32_t) { ++characters; });
  }
};

// Pieces between runs of at least `newlines` newlines; an end that is empty is a piece.
Repeated repeated_pieces(std::string_view text, size_t newlines) {
  Repeated pieces;
  size_t begin = 0;
  for (auto at = text.find('\n'); at != text.npos;) {
    const auto end = std::min(text.find_first_not_of('\n', at), text.size());
    if (end - at >= newlines) {
      pieces.add(text.substr(begin, at - begin));
      begin = end;
    }
    at = text.find('\n', end);
  }
  pieces.add(text.substr(begin));
  return pieces;
}

void compute_repetition(const SignalText& text, std::span<float> values) {
  const auto paragraphs = repeated_pieces(trim(text.text), 2);
  values[0] = share(paragraphs.repeated, paragraphs.pieces);
  values[1] = share(paragraphs.characters, text.characters);
  const auto lines = repeated_pieces(text.text, 1);
  values[2] = share(lines.repeated, lines.pieces);
  values[3] = share(lines.characters, text.characters);
  WordGrams grams(text.words, text.word_characters);
  for (size_t n = 2; n <= 4; ++n) values[n + 2] = share(grams.top_characters(n), text.characters);
  for (size_t n = 5; n <= 10; ++n) {
    values[n + 2] = share(grams.repeated_characters(n), text.characters);
  }
}

}  // namespace

SignalFamily repetition_signals() {
  return {kRepetitionColumns, compute_repetition};
}

}  // namespace reka::data
