#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace reka {

/// The bytes at the start of `text` that are whole, valid UTF-8 (no surrogates, no long forms).
size_t valid_utf8_prefix(std::string_view text);

/// Each byte that belongs to no valid character becomes U+FFFD.
std::string replace_bad_utf8(std::string_view text);

}  // namespace reka
