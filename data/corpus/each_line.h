#pragma once

#include <algorithm>
#include <string_view>

namespace reka::data {

/// Calls use(line) for each line that is not empty.
template <typename Use>
void for_each_line(std::string_view text, const Use& use) {
  for (size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find('\n', begin), text.size());
    if (end > begin) use(text.substr(begin, end - begin));
    begin = end + 1;
  }
}

}  // namespace reka::data
