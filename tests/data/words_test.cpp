#include "data/corpus/words.h"

#include <random>
#include <string>

#include "data/corpus/sentences.h"
#include "tests/support/catch.h"

namespace reka::data {
namespace {

using Words = std::vector<std::string>;

Words words_of(std::string_view text) {
  std::vector<std::string_view> words;
  split_words(text, words);
  return {words.begin(), words.end()};
}

Words words_by_icu(std::string_view text) {
  std::vector<std::string_view> words;
  split_words_by_icu(text, words);
  return {words.begin(), words.end()};
}

void append_utf8(std::string& text, uint32_t c) {
  if (c < 0x80) {
    text += static_cast<char>(c);
  } else if (c < 0x800) {
    text += static_cast<char>(0xC0 | c >> 6);
    text += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    text += static_cast<char>(0xE0 | c >> 12);
    text += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    text += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    text += static_cast<char>(0xF0 | c >> 18);
    text += static_cast<char>(0x80 | (c >> 12 & 0x3F));
    text += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    text += static_cast<char>(0x80 | (c & 0x3F));
  }
}

// A line in which what the rules tell apart stands side by side.
std::string random_line(std::mt19937& random) {
  static const std::vector<uint32_t> special = {
      'a',     'B',     '1',     '9',    '\'',   '"',    '.',    ',',    ';',    ':',
      '_',     '-',     ' ',     ' ',    '\t',   '#',    '!',    '?',    '(',    ')',
      0xA0,    0xAD,    0xB7,    0xE9,   0x301,  0x200D, 0x2019, 0x2024, 0x3B1,  0x431,
      0x5D0,   0x5F4,   0x627,   0x663,  0x915,  0x93F,  0xE01,  0xE33,  0x1780, 0x17C6,
      0x3042,  0x30A2,  0x30FC,  0x4E2D, 0xAC00, 0xAC01, 0x3002, 0x2026, 0x201C, 0x1F600,
      0x1F1E6, 0x1F1E7, 0x1D400, 0x2028, 0x85,   0x3000, 0x2003, 0x660,  0x66B,  0xFF0E};
  std::string line;
  const auto length = random() % 12;
  for (size_t n = 0; n < length; ++n) {
    auto c = special[random() % special.size()];
    if (random() % 8 == 0) c = 0x20 + static_cast<uint32_t>(random() % 0x2FE0);
    append_utf8(line, c);
  }
  return line;
}

}  // namespace

TEST_CASE("words: each script is cut where its readers cut it", "[data][words]") {
  CHECK(words_of("Don't panic, it's 3.14 (e.g. foo_bar)...") ==
        Words{"Don't", "panic", ",", "it's", "3.14", "(", "e.g", ".", "foo_bar", ")", "..."});
  CHECK(words_of("中文分词很重要。") == Words{"中文", "分词", "很", "重要", "。"});
  CHECK(words_of("私は学生です。") == Words{"私", "は", "学生", "です", "。"});
  CHECK(words_of("ภาษาไทยง่ายมาก") == Words{"ภาษา", "ไทย", "ง่าย", "มาก"});
  CHECK(words_of("ខ្ញុំស្រលាញ់អ្នក") == Words{"ខ្ញុំ", "ស្រលាញ់", "អ្នក"});
  CHECK(words_of("اللغة العربية، جميلة") == Words{"اللغة", "العربية", "،", "جميلة"});
  CHECK(words_of("हिन्दी भाषा है।") == Words{"हिन्दी", "भाषा", "है", "।"});
  CHECK(words_of("한국어 문장입니다.") == Words{"한국어", "문장입니다", "."});
}

TEST_CASE("words: lines, white space and equal symbols in a row", "[data][words]") {
  CHECK(words_of("").empty());
  CHECK(words_of(" \n\t \n").empty());
  CHECK(words_of("a\nb") == Words{"a", "b"});
  CHECK(words_of("well-known ---- a -- - b") ==
        Words{"well", "-", "known", "----", "a", "--", "-", "b"});
  CHECK(words_of("==\n==") == Words{"==", "=="});
  CHECK(words_of("é 1̂2 naïve") == Words{"é", "1̂2", "naïve"});
}

TEST_CASE("words: the fast rules give what ICU gives", "[data][words]") {
  std::mt19937 random(7);
  for (int n = 0; n < 60000; ++n) {
    const auto line = random_line(random);
    INFO(line);
    REQUIRE(words_of(line) == words_by_icu(line));
  }
}

TEST_CASE("sentences: full stops end sentences but for numbers and small letters after",
          "[data][words]") {
  CHECK(count_sentences("") == 0);
  CHECK(count_sentences("No end") == 1);
  CHECK(count_sentences("One. Two! \"Three?\" Four") == 4);
  CHECK(count_sentences("It costs 3.14 e.g. today. Good.") == 2);
  CHECK(count_sentences("这是一句。这是两句！") == 2);
  CHECK(count_sentences("यह एक है। यह दो है।") == 2);
  CHECK(count_sentences("これは文です。もう一つ。") == 2);
}

TEST_CASE("sentences: the fast rules give what ICU gives", "[data][words]") {
  std::mt19937 random(11);
  for (int n = 0; n < 60000; ++n) {
    const auto line = random_line(random);
    INFO(line);
    REQUIRE(count_sentences(line) == count_sentences_by_icu(line));
  }
}

}  // namespace reka::data
