#include "data/corpus/signals.h"

#include <cmath>
#include <set>

#include <fmt/format.h>

#include "data/corpus/mojibake.h"
#include "data/corpus/script.h"
#include "data/corpus/sentences.h"
#include "data/corpus/word_grams.h"
#include "data/corpus/words.h"
#include "tests/support/catch.h"

namespace reka::data {
namespace {

SignalText text_of(std::string_view text, std::string_view language = "en") {
  SignalText made{.text = text, .language = language};
  split_words(text, made.words);
  made.count_sentences = count_sentences;
  made.set_lengths();
  return made;
}

// The signal of that name of a text.
double signal(std::string_view name, std::string_view text, std::string_view language = "en") {
  const auto column = find_signal(name);
  REQUIRE(column >= 0);
  return compute_signals(text_of(text, language))[static_cast<size_t>(column)];
}

}  // namespace

TEST_CASE("signals: every column has a name of its own", "[data][signals]") {
  std::set<std::string> names;
  for (const auto& name : signal_names()) names.insert(name);
  CHECK(names.size() == signal_columns().size());
  CHECK(versioned_name(signal_columns()[0]) == "text.characters/1");
  CHECK(find_signal("gopher.nothing") == -1);
}

TEST_CASE("signals: a text of nothing has no shares and breaks nothing", "[data][signals]") {
  for (const auto* text : {"", "\n", "  \n\n "}) {
    CHECK(signal("gopher.words", text) == 0);
    CHECK(std::isnan(signal("gopher.mean_word_length", text)));
    CHECK(std::isnan(signal("fineweb.line_punctuation", text)));
    CHECK(signal("c4.sentences", text) == 0);
  }
}

TEST_CASE("signals: Gopher's measures, counted by hand", "[data][signals]") {
  const std::string_view text = "the cat ## 42...\n- item\n  \u2022 of\nend\u2026 ";
  CHECK(signal("gopher.words", text) == 7);  // the cat 42 item \u2022 of end
  CHECK(signal("gopher.mean_word_length", text) == Approx(18.0 / 7));
  const auto words = 11.0;  // and ## ... - \u2022 \u2026
  CHECK(signal("gopher.hash_ratio", text) == Approx(2 / words));
  CHECK(signal("gopher.ellipsis_ratio", text) == Approx(2 / words));
  CHECK(signal("gopher.bullet_lines", text) == Approx(0.5));
  CHECK(signal("gopher.ellipsis_lines", text) == Approx(0.5));
  CHECK(signal("gopher.alpha_words", text) == Approx(5 / words));
  CHECK(signal("gopher.stop_words", text) == 2);
  CHECK(signal("fineweb2.stop_words", "der Hund und die Katze", "de") == 3);
  CHECK(signal("fineweb2.stop_words", "的 年", "zh-Hant") == 2);
  CHECK(std::isnan(signal("fineweb2.stop_words", "a b", "xx")));
}

TEST_CASE("signals: repeated lines, paragraphs and grams, counted by hand", "[data][signals]") {
  const std::string_view text = "one\ntwo\n\none\ntwo\n\none";
  CHECK(signal("repetition.duplicate_lines", text) == Approx(3.0 / 5));
  CHECK(signal("repetition.duplicate_line_characters", text) == Approx(9.0 / 21));
  CHECK(signal("repetition.duplicate_paragraphs", text) == Approx(1.0 / 3));
  CHECK(signal("repetition.duplicate_paragraph_characters", text) == Approx(7.0 / 21));
  CHECK(signal("repetition.top_2_gram", text) == Approx(2.0 * 7 / 21));
  CHECK(signal("repetition.duplicate_5_grams", text) == 0);
  CHECK(signal("repetition.duplicate_5_grams", "a b c d e a b c d e a") == Approx(5.0 / 21));
  CHECK(signal("repetition.duplicate_10_grams", "a b c") == 0);
}

TEST_CASE("signals: lines of FineWeb and mC4, counted by hand", "[data][signals]") {
  const std::string long_line(200, 'x');
  const auto text = "Short one.\nnone\n\nnone\n" + long_line + "。";
  CHECK(signal("fineweb.lines", text) == 4);
  CHECK(signal("fineweb.line_punctuation", text) == Approx(0.5));
  CHECK(signal("fineweb.short_lines", text) == Approx(0.75));
  CHECK(signal("fineweb.duplicate_line_characters", text) == Approx(4.0 / 219));
  CHECK(signal("fineweb.newlines_per_word", text) == Approx(4.0 / 7));
  CHECK(signal("mc4.long_lines", text) == 1);
}

TEST_CASE("signals: C4 counts the sentences of the lines that it keeps", "[data][signals]") {
  CHECK(signal("c4.sentences", "One two three. Four.\nNo end mark here\nToo few.\n") == 2);
  CHECK(signal("c4.sentences", "We use cookies on this site.\nTurn on Javascript now.") == 0);
  CHECK(signal("c4.sentences", "So it is known.[12][edit]\nThat goes on and...") == 1);
  CHECK(signal("c4.sentences", fmt::format("{} is too long.", std::string(1001, 'x'))) == 0);
  CHECK(signal("c4.kept_characters", "One two three.\nno") == Approx(14.0 / 17));
  CHECK(signal("c4.lorem_ipsum", "See Lorem Ipsum dolor sit.") == 1);
  CHECK(signal("c4.lorem_ipsum", "See Lorem Ipsum dolor sit") == 0);
  CHECK(signal("c4.curly_bracket", "if (a) { go on now.") == 1);
  CHECK(signal("c4.curly_bracket", "if (a) {") == 0);
}

TEST_CASE("grams: the hashes find what comparing all grams finds", "[data][signals]") {
  std::vector<std::string_view> words;
  const std::vector<std::string_view> some = {"a", "b", "ab", "ba", "c"};
  uint32_t state = 1;
  for (int n = 0; n < 400; ++n) {
    state = state * 1103515245 + 12345;
    const bool again = n % 60 >= 40;  // twenty words that stand before
    words.push_back(again ? words[words.size() - 40] : some[(state >> 16) % some.size()]);
  }
  std::vector<uint32_t> lengths;
  for (const auto& word : words) lengths.push_back(static_cast<uint32_t>(word.size()));
  WordGrams grams(words, lengths);
  const auto joined = [&](size_t at, size_t n, std::string_view between) {
    std::string gram;
    for (size_t i = at; i < at + n; ++i) gram.append(i == at ? "" : between).append(words[i]);
    return gram;
  };
  for (size_t n = 2; n <= 4; ++n) {
    std::vector<std::pair<std::string, int64_t>> counts;  // in the order of the text
    for (size_t i = 0; i + n <= words.size(); ++i) {
      const auto gram = joined(i, n, " ");
      const auto found = std::ranges::find(counts, gram, &std::pair<std::string, int64_t>::first);
      if (found == counts.end()) {
        counts.emplace_back(gram, 1);
      } else {
        ++found->second;
      }
    }
    const auto top = std::ranges::max_element(counts, {}, &std::pair<std::string, int64_t>::second);
    CHECK(grams.top_characters(n) == static_cast<int64_t>(top->first.size()) * top->second);
  }
  for (size_t n = 5; n <= 10; ++n) {
    std::set<std::string> seen;
    int64_t repeated = 0;
    for (size_t i = 0; i + n <= words.size();) {
      const auto gram = joined(i, n, "");
      if (seen.insert(gram).second) {
        ++i;
      } else {
        repeated += static_cast<int64_t>(gram.size());
        i += n;
      }
    }
    CHECK(repeated > 0);
    CHECK(grams.repeated_characters(n) == repeated);
  }
}

TEST_CASE("mojibake: UTF-8 read as Windows-1252 is seen, other accents are not",
          "[data][signals]") {
  CHECK(count_mojibake("dÃ©jÃ\u00A0 vu") == 2);
  CHECK(count_mojibake("itâ€™s â€œfineâ€\u009D") == 3);
  CHECK(count_mojibake("Ð¿Ñ€Ð¸Ð²ÐµÑ‚") == 6);
  CHECK(count_mojibake("ã‚“ã‚“") == 2);
  CHECK(count_mojibake("LIBERTÉ» déjà «ÉTÉ» Ñandú") == 0);
  CHECK(count_mojibake("привет こんにちは é") == 0);
  CHECK(signal("text.mojibake", "dÃ©jÃ ") == 1);
  CHECK(signal("text.replacement_characters", "a\uFFFDb\uFFFD") == 2);
}

TEST_CASE("script: that of most letters, kana and Han together", "[data][signals]") {
  CHECK(script_of("Hello, мир").script == "Latn");
  CHECK(script_of("Hello, мир").share == Approx(5.0 / 8));
  CHECK(script_of("私は学生です").script == "Jpan");
  CHECK(script_of("中文 text").script == "Latn");
  CHECK(script_of("कि").script == "Deva");
  CHECK(script_of("12 — !").script.empty());
  CHECK(std::isnan(signal("text.script_share", "12")));
}

}  // namespace reka::data
