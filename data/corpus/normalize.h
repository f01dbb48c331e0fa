#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace reka::data {

/// The form in which a corpus is counted, compared and learned: NFC; CR LF and CR are LF; control
/// characters except tab and newline, soft hyphens, byte order marks, noncharacters and bidi
/// controls are gone. Zero-width characters stay where they mean something: joiners behind emoji
/// and behind letters of scripts that join, spaces between words of scripts written without any.
/// Runs of spaces stay, since code and tables have them. `text` is UTF-8.
std::string normalize(std::string_view text);

int64_t count_characters(std::string_view text);

}  // namespace reka::data
