#pragma once

#include <string>
#include <string_view>

namespace reka::data {

/// The script that most letters of a text are written in.
struct ScriptShare {
  std::string script;  // ISO 15924: "Latn"; "" when the text has no letter
  float share = 0;     // of the letters
};

/// Hiragana and katakana count as Jpan together with the Han characters beside them.
ScriptShare script_of(std::string_view text);

}  // namespace reka::data
