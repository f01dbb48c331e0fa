#include <algorithm>
#include <array>
#include <string>

#include "data/corpus/lines.h"
#include "data/corpus/normalize.h"
#include "data/corpus/signals.h"

// C4 (Raffel et al. 2020, arXiv:1910.10683, section 2.2) as datatrove applies it. C4 drops lines
// first and judges what is left of a document; here the lines stay, and the columns tell what would
// be left.

namespace reka::data {
namespace {

constexpr std::array<SignalColumn, 4> kC4Columns = {{
    {"c4.sentences", 1,
     "sentences in the lines that C4 keeps: they end in . ? ! \" or ' but not in ..., have three "
     "words or more (cut at white space) of at most 1000 characters, and neither javascript nor a "
     "phrase of policies; marks of citations are taken out"},
    {"c4.kept_characters", 1, "share of characters in those lines"},
    {"c4.lorem_ipsum", 1, "1: a line that would stay has lorem ipsum; else 0"},
    {"c4.curly_bracket", 1, "1: a line that would stay has {; else 0"},
}};

constexpr std::array<std::string_view, 6> kPolicies = {"terms of use",   "privacy policy",
                                                       "cookie policy",  "uses cookies",
                                                       "use of cookies", "use cookies"};

// Without [], [12], [edit] and [citation needed].
std::string without_citations(std::string_view line) {
  std::string kept;
  for (auto open = line.find('['); open != line.npos; open = line.find('[')) {
    const auto close = line.find_first_not_of("0123456789", open + 1);
    size_t end = 0;
    if (close != line.npos && line[close] == ']') end = close + 1;
    for (const std::string_view mark : {"[edit]", "[citation needed]"}) {
      if (line.substr(open).starts_with(mark)) end = open + mark.size();
    }
    kept += line.substr(0, end == 0 ? open + 1 : open);
    line.remove_prefix(end == 0 ? open + 1 : end);
  }
  return kept += line;
}

// Words between white space, and whether one is longer than 1000 characters.
struct PlainWords {
  int64_t count = 0;
  bool has_long = false;
};

PlainWords plain_words(std::string_view line) {
  PlainWords words;
  int64_t length = 0;
  for_each_character(line, [&](int32_t character) {
    if (character >= 0 && is_white_space(character)) {
      length = 0;
    } else {
      if (length++ == 0) ++words.count;
      words.has_long = words.has_long || length > 1000;
    }
  });
  return words;
}

bool ends_well(std::string_view line) {
  return !line.empty() && std::string_view(".?!\"'").find(line.back()) != std::string_view::npos &&
         !line.ends_with("...");
}

std::string lower_ascii(std::string_view text) {
  std::string lower(text);
  for (auto& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return lower;
}

void compute_c4(const SignalText& text, std::span<float> values) {
  int64_t sentences = 0, characters = 0;
  bool has_lorem_ipsum = false, has_bracket = false;
  for_each_physical_line(text.text, [&](std::string_view whole) {
    const auto trimmed = trim(whole);
    const auto words = plain_words(trimmed);
    if (words.has_long || words.count < 3) return;
    const bool may_cite = trimmed.find('[') != trimmed.npos;
    const auto copy = may_cite ? without_citations(trimmed) : std::string();
    const std::string_view line = may_cite ? std::string_view(copy) : trimmed;
    if (!ends_well(line)) return;
    const auto lower = lower_ascii(line);
    has_lorem_ipsum = has_lorem_ipsum || lower.find("lorem ipsum") != lower.npos;
    if (lower.find("javascript") != lower.npos) return;
    has_bracket = has_bracket || line.find('{') != line.npos;
    const auto stands_there = [&](auto policy) { return lower.find(policy) != lower.npos; };
    if (std::ranges::any_of(kPolicies, stands_there)) return;
    sentences += text.count_sentences(line);
    characters += count_characters(line);
  });
  values[0] = static_cast<float>(sentences);
  values[1] = share(characters, text.characters);
  values[2] = has_lorem_ipsum ? 1 : 0;
  values[3] = has_bracket ? 1 : 0;
}

}  // namespace

SignalFamily c4_signals() {
  return {kC4Columns, compute_c4};
}

}  // namespace reka::data
