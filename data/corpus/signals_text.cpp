#include <algorithm>
#include <array>

#include "data/corpus/lines.h"
#include "data/corpus/mojibake.h"
#include "data/corpus/script.h"
#include "data/corpus/signals.h"

namespace reka::data {
namespace {

constexpr std::array<SignalColumn, 8> kTextColumns = {{
    {"text.characters", 1, "characters"},
    {"text.script_share", 1, "share of letters in the script that most of them are of"},
    {"text.mojibake", 1,
     "characters that look like UTF-8 read as Windows-1252, such as \u00c3\u00a9 for \u00e9"},
    {"text.replacement_characters", 1, "characters U+FFFD"},
    {"language.score", 1,
     "how much of the text the detector gives to the document's language: a share of its bytes "
     "(CLD2, of the first 4096) or a probability (fastText); 0 when it gives no language at all "
     "and the corpus names none"},
    {"language.paragraph_share", 1,
     "share of characters in lines that the detector gives to the document's language alone; only "
     "with data.language.paragraphs"},
    {"personal.emails", 1, "e-mail addresses found"},
    {"personal.ips", 2, "public IPv4 and IPv6 addresses found"},
}};

int64_t count_replacements(std::string_view text) {
  int64_t count = 0;
  for (auto at = text.find("\uFFFD"); at != text.npos; at = text.find("\uFFFD", at + 3)) ++count;
  return count;
}

void compute_text(const SignalText& text, std::span<float> values) {
  const auto script = script_of(text.text);
  values[0] = static_cast<float>(text.characters);
  values[1] = script.script.empty() ? kNoSignal : script.share;
  values[2] = static_cast<float>(count_mojibake(text.text));
  values[3] = static_cast<float>(count_replacements(text.text));
  values[4] = text.language_score;
  values[5] = text.paragraph_share;
  values[6] = static_cast<float>(text.emails);
  values[7] = static_cast<float>(text.ips);
}

}  // namespace

SignalFamily text_signals() {
  return {kTextColumns, compute_text};
}

}  // namespace reka::data
