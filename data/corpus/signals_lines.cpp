#include <algorithm>
#include <array>
#include <unordered_set>

#include "data/corpus/lines.h"
#include "data/corpus/normalize.h"
#include "data/corpus/punctuation.h"
#include "data/corpus/signals.h"

// FineWeb (Penedo et al. 2024, arXiv:2406.17557) and mC4 (Xue et al. 2020, arXiv:2010.11934), as
// datatrove counts. Lines are cut at newlines alone.

namespace reka::data {
namespace {

constexpr std::array<SignalColumn, 6> kLinesColumns = {{
    {"fineweb.lines", 1, "lines that are not blank"},
    {"fineweb.line_punctuation", 1,
     "share of those lines whose last character ends a sentence, in any script"},
    {"fineweb.short_lines", 1, "share of those lines that have at most 30 characters"},
    {"fineweb.duplicate_line_characters", 1,
     "characters in those of the lines that stand before, by all but newlines"},
    {"fineweb.newlines_per_word", 1, "newlines, by all words"},
    {"mc4.long_lines", 1, "lines of at least 200 characters"},
}};

struct CountedLines {
  int64_t newlines = 0, filled = 0, punctuated = 0, short_ones = 0, long_ones = 0, repeated = 0;
  std::unordered_set<std::string_view> seen;

  void add(std::string_view line) {
    const auto characters = count_characters(line);
    if (characters >= 200) ++long_ones;
    if (trim_begin(line).empty()) return;
    ++filled;
    if (ends_sentence(last_character_of(line))) ++punctuated;
    if (characters <= 30) ++short_ones;
    if (!seen.insert(line).second) repeated += characters;
  }
};

void compute_lines(const SignalText& text, std::span<float> values) {
  CountedLines lines;
  size_t begin = 0;
  for (auto end = text.text.find('\n'); end != text.text.npos; end = text.text.find('\n', begin)) {
    lines.add(text.text.substr(begin, end - begin));
    ++lines.newlines;
    begin = end + 1;
  }
  lines.add(text.text.substr(begin));
  values[0] = static_cast<float>(lines.filled);
  values[1] = share(lines.punctuated, lines.filled);
  values[2] = share(lines.short_ones, lines.filled);
  values[3] = share(lines.repeated, text.characters - lines.newlines);
  values[4] = share(lines.newlines, static_cast<int64_t>(text.words.size()));
  values[5] = static_cast<float>(lines.long_ones);
}

}  // namespace

SignalFamily line_signals() {
  return {kLinesColumns, compute_lines};
}

}  // namespace reka::data
