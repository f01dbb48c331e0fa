#pragma once

#include <string>
#include <string_view>

namespace reka::data {

/// The tag under which a corpus's own locale is counted: BCP 47 with the region dropped and the
/// script kept where it is not the language's usual one.
/// "pt_BR" -> "pt", "sr@latin" -> "sr-Latn", "zh_TW" -> "zh-Hant", "nb" -> "no", "C" -> "en".
std::string language_tag(std::string_view locale);

/// The language of a text by CLD2; "" when it is too short or not reliable. Text is UTF-8.
std::string detect_language(std::string_view text);

}  // namespace reka::data
