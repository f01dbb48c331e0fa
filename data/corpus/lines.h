#pragma once

#include <cstdint>
#include <string_view>

#include <unicode/utf8.h>

namespace reka::data {

// Lines and white space as Python's str has them, in which most quality signals were first defined.

bool is_white_space(int32_t character);

/// Without the white space at both ends, or at one.
std::string_view trim(std::string_view text);
std::string_view trim_begin(std::string_view text);
std::string_view trim_end(std::string_view text);

int32_t first_character_of(std::string_view text);  // -1: none, or no UTF-8
int32_t last_character_of(std::string_view text);

/// How many bytes stand before the first end of a line, and how many that has: LF, CR LF, CR, VT,
/// FF, FS, GS, RS, NEL, LS, PS. {size, 0} when there is none.
struct LineEnd {
  size_t at = 0;
  size_t bytes = 0;
};
LineEnd find_line_end(std::string_view text);

/// use(line) for each line without its end; nothing behind the last end is no line.
template <typename Use>
void for_each_physical_line(std::string_view text, const Use& use) {
  while (!text.empty()) {
    const auto end = find_line_end(text);
    use(text.substr(0, end.at));
    text.remove_prefix(end.at + end.bytes);
  }
}

/// use(character) for each character of UTF-8 text; -1 for a byte that belongs to none.
template <typename Use>
void for_each_character(std::string_view text, const Use& use) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  for (size_t next = 0; next < text.size();) {
    UChar32 character = 0;
    U8_NEXT(bytes, next, text.size(), character);
    use(character);
  }
}

}  // namespace reka::data
