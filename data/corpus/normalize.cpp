#include "data/corpus/normalize.h"

#include <algorithm>

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

#include "reka/base/error.h"

namespace reka::data {
namespace {

constexpr UChar32 kZeroWidthSpace = 0x200B;
constexpr UChar32 kNonJoiner = 0x200C;
constexpr UChar32 kJoiner = 0x200D;

UScriptCode script_of(UChar32 character) {
  UErrorCode status = U_ZERO_ERROR;
  return uscript_getScript(character, &status);
}

// Scripts in which a joiner changes the shape of the letter before it.
bool joins(UChar32 before) {
  if (u_hasBinaryProperty(before, UCHAR_EXTENDED_PICTOGRAPHIC) ||
      u_hasBinaryProperty(before, UCHAR_EMOJI_MODIFIER) || before == 0xFE0F) {
    return true;
  }
  const auto script = script_of(before);
  if (script == USCRIPT_INHERITED) return u_getCombiningClass(before) > 0;
  return script != USCRIPT_COMMON && script != USCRIPT_LATIN && script != USCRIPT_GREEK &&
         script != USCRIPT_CYRILLIC && script != USCRIPT_HAN && script != USCRIPT_HANGUL;
}

bool is_written_without_spaces(UChar32 before) {
  const auto script = script_of(before);
  return script == USCRIPT_KHMER || script == USCRIPT_THAI || script == USCRIPT_LAO ||
         script == USCRIPT_MYANMAR || script == USCRIPT_TIBETAN;
}

bool stays(UChar32 character, UChar32 before) {
  if (character == '\n' || character == '\t') return true;
  if (character < 0x20 || (character >= 0x7F && character < 0xA0)) return false;
  if (character < 0xAD) return true;
  if (character == kZeroWidthSpace) return is_written_without_spaces(before);
  if (character == kNonJoiner || character == kJoiner) return joins(before);
  const bool is_bidi_control = (character >= 0x200E && character <= 0x200F) ||
                               (character >= 0x202A && character <= 0x202E) ||
                               (character >= 0x2060 && character <= 0x2069);
  return character != 0xAD && character != 0xFEFF && !is_bidi_control &&
         !U_IS_UNICODE_NONCHAR(character);
}

std::string drop_invisible(std::string_view text) {
  std::string kept;
  kept.reserve(text.size());
  const auto size = static_cast<int64_t>(text.size());
  UChar32 before = 0;
  for (int64_t next = 0; next < size;) {
    const auto at = next;
    UChar32 character = 0;
    U8_NEXT(reinterpret_cast<const uint8_t*>(text.data()), next, size, character);
    if (character == '\r') {
      if (next == size || text[static_cast<size_t>(next)] != '\n') kept += '\n';
    } else if (stays(character, before)) {
      kept.append(text, static_cast<size_t>(at), static_cast<size_t>(next - at));
      before = character;
    }
  }
  return kept;
}

}  // namespace

std::string normalize(std::string_view text) {
  auto kept = drop_invisible(text);
  UErrorCode status = U_ZERO_ERROR;
  const auto* nfc = icu::Normalizer2::getNFCInstance(status);
  if (U_SUCCESS(status) && nfc->isNormalizedUTF8(kept, status)) return kept;
  std::string normalized;
  icu::StringByteSink<std::string> sink(&normalized);
  nfc->normalizeUTF8(0, kept, sink, nullptr, status);
  if (U_FAILURE(status)) throw DataError("text: {}: must be UTF-8", u_errorName(status));
  return normalized;
}

int64_t count_characters(std::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char byte) { return !U8_IS_TRAIL(byte); });
}

}  // namespace reka::data
