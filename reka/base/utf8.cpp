#include "reka/base/utf8.h"

#include <algorithm>
#include <cstdint>

namespace reka {
namespace {

/// The length of the valid character at the start of `text` (not empty), or 0. Unicode 15, table
/// 3-7: only the second byte's range depends on the first.
size_t character_bytes(std::string_view text) {
  const auto byte = [&](size_t n) { return static_cast<uint8_t>(text[n]); };
  const auto first = byte(0);
  if (first < 0x80) return 1;
  const size_t length = first < 0xc2   ? 0
                        : first < 0xe0 ? 2
                        : first < 0xf0 ? 3
                        : first < 0xf5 ? 4
                                       : 0;
  if (length == 0 || text.size() < length) return 0;
  const uint8_t low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
  const uint8_t high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
  if (byte(1) < low || byte(1) > high) return 0;
  for (size_t n = 2; n < length; ++n) {
    if ((byte(n) & 0xc0) != 0x80) return 0;
  }
  return length;
}

}  // namespace

size_t valid_utf8_prefix(std::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    const auto length = character_bytes(text.substr(at));
    if (length == 0) break;
    at += length;
  }
  return at;
}

std::string replace_bad_utf8(std::string_view text) {
  std::string good;
  while (true) {
    const auto length = valid_utf8_prefix(text);
    good += text.substr(0, length);
    if (length == text.size()) return good;
    good += "\xef\xbf\xbd";
    text.remove_prefix(length + 1);
  }
}

}  // namespace reka
