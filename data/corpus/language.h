#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace reka::data {

/// The tag under which a corpus's own locale is counted: BCP 47 with the region dropped and the
/// script kept where it is not the language's usual one.
/// A code of three letters gives way to one of two: "deu_Latn" -> "de", "arb_Arab" -> "ar". Others:
/// "pt_BR" -> "pt", "sr@latin" -> "sr-Latn", "zh_TW" -> "zh-Hant", "nb" -> "no", "C" -> "en".
std::string language_tag(std::string_view locale);

struct LanguageGuess {
  std::string tag;  // as of language_tag
  float score = 0;  // in [0, 1]
};

/// The languages of a text by CLD2, each with its share of the bytes, the greatest first; nothing
/// when the text is too short or not reliable. Of a long text the first 4096 bytes count.
std::vector<LanguageGuess> guess_by_cld2(std::string_view text);

/// The first of them, or "". Text is UTF-8.
std::string detect_language(std::string_view text);

}  // namespace reka::data
