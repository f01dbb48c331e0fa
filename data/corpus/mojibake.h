#pragma once

#include <cstdint>
#include <string_view>

namespace reka::data {

/// How many characters of a text look like UTF-8 that was read as Windows-1252 and written again:
/// "Ã©" for é, "â€™" for ’. Two characters that stand alone and begin with anything but Â or Ã are
/// none ("É»" ends a quote).
int64_t count_mojibake(std::string_view text);

}  // namespace reka::data
