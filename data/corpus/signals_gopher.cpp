#include <algorithm>
#include <array>

#include <unicode/uchar.h>

#include "data/corpus/lines.h"
#include "data/corpus/punctuation.h"
#include "data/corpus/signals.h"
#include "data/corpus/stop_words.h"

// Rae et al. 2021, arXiv:2112.11446, appendix A.1.1, with the measures as datatrove counts them: a
// length is in characters, a line ends as in Python's splitlines, and words of nothing but
// punctuation count in the ratios, not in the number and length of words.

namespace reka::data {
namespace {

constexpr std::array<SignalColumn, 9> kGopherColumns = {{
    {"gopher.words", 1, "words of which some character is no punctuation"},
    {"gopher.mean_word_length", 1, "mean characters of those words"},
    {"gopher.hash_ratio", 1, "number signs, by all words"},
    {"gopher.ellipsis_ratio", 1, "... and \u2026, by all words"},
    {"gopher.bullet_lines", 1, "share of lines that begin with \u2022 or -, behind white space"},
    {"gopher.ellipsis_lines", 1, "share of lines that end with ... or \u2026, before white space"},
    {"gopher.alpha_words", 1, "share of all words that have a letter"},
    {"gopher.stop_words", 1,
     "how many of the, be, to, of, and, that, have, with are among the words"},
    {"fineweb2.stop_words", 1,
     "how many of the frequent words that FineWeb-2 lists for the language are among the words"},
}};

int64_t count_of(std::string_view text, std::string_view what) {
  int64_t count = 0;
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + what.size())) ++count;
  return count;
}

bool is_all_punctuation(std::string_view word) {
  const auto first = static_cast<uint8_t>(word[0]);
  if ((first | 0x20) >= 'a' && (first | 0x20) <= 'z') return false;
  bool all = true;
  for_each_character(word, [&](int32_t character) { all = all && is_punctuation(character); });
  return all;
}

bool has_letter(std::string_view word) {
  const auto first = static_cast<uint8_t>(word[0]);
  if ((first | 0x20) >= 'a' && (first | 0x20) <= 'z') return true;
  bool any = false;
  for_each_character(word, [&](int32_t character) { any = any || u_isalpha(character); });
  return any;
}

void compute_words(const SignalText& text, std::span<float> values) {
  int64_t counted = 0, characters = 0, with_letter = 0;
  StopWords stop_words(text.language);
  for (size_t n = 0; n < text.words.size(); ++n) {
    const auto& word = text.words[n];
    if (!is_all_punctuation(word)) {
      ++counted;
      characters += text.word_characters[n];
    }
    if (has_letter(word)) ++with_letter;
    stop_words.add(word);
  }
  values[0] = static_cast<float>(counted);
  values[1] = share(characters, counted);
  values[6] = share(with_letter, static_cast<int64_t>(text.words.size()));
  values[7] = static_cast<float>(stop_words.gopher());
  values[8] = stop_words.known() ? static_cast<float>(stop_words.of_language()) : kNoSignal;
}

void compute_gopher(const SignalText& text, std::span<float> values) {
  compute_words(text, values);
  const auto words = static_cast<int64_t>(text.words.size());
  values[2] = share(std::count(text.text.begin(), text.text.end(), '#'), words);
  values[3] = share(count_of(text.text, "...") + count_of(text.text, "\u2026"), words);
  int64_t lines = 0, bullets = 0, ellipses = 0;
  for_each_physical_line(text.text, [&](std::string_view line) {
    ++lines;
    const auto begin = trim_begin(line);
    if (begin.starts_with('-') || begin.starts_with("\u2022")) ++bullets;
    const auto end = trim_end(line);
    if (end.ends_with("...") || end.ends_with("\u2026")) ++ellipses;
  });
  values[4] = share(bullets, lines);
  values[5] = share(ellipses, lines);
}

}  // namespace

SignalFamily gopher_signals() {
  return {kGopherColumns, compute_gopher};
}

}  // namespace reka::data
