#include "data/corpus/lines.h"

#include <unicode/uchar.h>

namespace reka::data {

bool is_white_space(int32_t character) {
  if (character < 0x80) {
    return character == ' ' || (character >= 0x09 && character <= 0x0D) ||
           (character >= 0x1C && character <= 0x1F);
  }
  return u_isUWhiteSpace(character);
}

std::string_view trim_begin(std::string_view text) {
  while (!text.empty()) {
    const auto character = first_character_of(text);
    if (character < 0 || !is_white_space(character)) break;
    text.remove_prefix(static_cast<size_t>(U8_LENGTH(character)));
  }
  return text;
}

std::string_view trim_end(std::string_view text) {
  while (!text.empty()) {
    const auto character = last_character_of(text);
    if (character < 0 || !is_white_space(character)) break;
    text.remove_suffix(static_cast<size_t>(U8_LENGTH(character)));
  }
  return text;
}

std::string_view trim(std::string_view text) {
  return trim_end(trim_begin(text));
}

int32_t first_character_of(std::string_view text) {
  if (text.empty()) return -1;
  size_t next = 0;
  UChar32 character = 0;
  U8_NEXT(reinterpret_cast<const uint8_t*>(text.data()), next, text.size(), character);
  return character;
}

int32_t last_character_of(std::string_view text) {
  if (text.empty()) return -1;
  auto begin = text.size() - 1;
  while (begin > 0 && text.size() - begin < 4 && U8_IS_TRAIL(static_cast<uint8_t>(text[begin]))) {
    --begin;
  }
  return first_character_of(text.substr(begin));
}

LineEnd find_line_end(std::string_view text) {
  for (size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<uint8_t>(text[at]);
    if (byte == '\r') return {at, text.substr(at).starts_with("\r\n") ? 2U : 1U};
    if ((byte >= 0x0A && byte <= 0x0C) || (byte >= 0x1C && byte <= 0x1E)) return {at, 1};
    if (byte == 0xC2 && text.substr(at).starts_with("\u0085")) return {at, 2};
    if (byte == 0xE2) {
      const auto rest = text.substr(at);
      if (rest.starts_with("\u2028") || rest.starts_with("\u2029")) return {at, 3};
    }
  }
  return {text.size(), 0};
}

}  // namespace reka::data
