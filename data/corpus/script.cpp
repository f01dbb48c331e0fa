#include "data/corpus/script.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>

#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include "data/corpus/lines.h"

namespace reka::data {
namespace {

uint8_t script_by_property(UChar32 character) {
  if (!u_isalpha(character)) return USCRIPT_COMMON;
  UErrorCode status = U_ZERO_ERROR;
  const auto script = uscript_getScript(character, &status);
  return U_SUCCESS(status) && script > USCRIPT_INHERITED && script < USCRIPT_CODE_LIMIT
             ? static_cast<uint8_t>(script)
             : static_cast<uint8_t>(USCRIPT_COMMON);
}

uint8_t script_of_character(UChar32 character) {
  static const auto scripts = [] {
    auto table = std::make_unique<std::array<uint8_t, 0x10000>>();
    for (UChar32 c = 0; c < 0x10000; ++c) (*table)[static_cast<size_t>(c)] = script_by_property(c);
    return table;
  }();
  if (character < 0) return USCRIPT_COMMON;
  return character < 0x10000 ? (*scripts)[static_cast<size_t>(character)]
                             : script_by_property(character);
}

}  // namespace

ScriptShare script_of(std::string_view text) {
  static_assert(USCRIPT_CODE_LIMIT <= 256);
  std::array<int64_t, 256> letters{};
  for_each_character(text, [&](int32_t character) { ++letters[script_of_character(character)]; });
  letters[USCRIPT_COMMON] = letters[USCRIPT_INHERITED] = 0;
  const auto kana = letters[USCRIPT_HIRAGANA] + letters[USCRIPT_KATAKANA];
  if (kana > 0) {
    letters[USCRIPT_JAPANESE] = kana + letters[USCRIPT_HAN];
    letters[USCRIPT_HIRAGANA] = letters[USCRIPT_KATAKANA] = letters[USCRIPT_HAN] = 0;
  }
  int64_t all = 0;
  for (const auto count : letters) all += count;
  if (all == 0) return {};
  const auto most = std::ranges::max_element(letters);
  const auto script = static_cast<UScriptCode>(most - letters.begin());
  return {uscript_getShortName(script),
          static_cast<float>(static_cast<double>(*most) / static_cast<double>(all))};
}

}  // namespace reka::data
