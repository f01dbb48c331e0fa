#include "data/corpus/mojibake.h"

#include <algorithm>
#include <array>

#include <unicode/utf8.h>

#include "data/corpus/lines.h"

namespace reka::data {
namespace {

// What the bytes 0x80 ... 0x9F are in Windows-1252; 0: nothing.
constexpr std::array<int32_t, 32> kWindows = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

// The byte that was read as this character, -1: none above 0x7F.
int byte_of(int32_t character) {
  if (character >= 0x80 && character <= 0xFF) return character;
  if (character < 0x0152 || character > 0x2122) return -1;
  const auto found = std::ranges::find(kWindows, character);
  return found == kWindows.end() ? -1 : 0x80 + static_cast<int>(found - kWindows.begin());
}

bool is_trail(int byte) {
  return byte >= 0x80 && byte < 0xC0;
}

}  // namespace

int64_t count_mojibake(std::string_view text) {
  int64_t count = 0;
  int begun = 0, awaited = 0;   // first byte of the character that is open; bytes it lacks
  bool ends_one = false;        // a sequence ended at the last character
  bool ends_lone_pair = false;  // and it is only counted when another follows
  bool began_behind_one = false;
  for_each_character(text, [&](int32_t character) {
    const auto byte = character < 0x80 ? -1 : byte_of(character);
    if (awaited > 0 && is_trail(byte)) {
      if (--awaited > 0) return;
      const bool sure = begun == 0xC2 || begun == 0xC3 || begun >= 0xE0;
      const bool counts = sure || began_behind_one;
      if (counts) ++count;
      if (began_behind_one && ends_lone_pair) ++count;
      ends_lone_pair = !counts;
      ends_one = true;
      return;
    }
    began_behind_one = ends_one && awaited == 0;
    if (!began_behind_one) ends_lone_pair = false;
    ends_one = false;
    begun = byte;
    awaited = byte >= 0xC2 && byte < 0xE0   ? 1
              : byte >= 0xE0 && byte < 0xF0 ? 2
              : byte >= 0xF0 && byte < 0xF5 ? 3
                                            : 0;
  });
  return count;
}

}  // namespace reka::data
