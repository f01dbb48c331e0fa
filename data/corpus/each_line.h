#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

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

/// Takes out each line of which drop(line) is true, with the blank ones behind it; all else stays
/// as it is. -> how many lines.
template <typename Drop>
int64_t drop_lines(std::string& text, const Drop& drop) {
  std::string rest;
  int64_t dropped = 0;
  bool drops = false;  // the last line that is not blank
  for (size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find('\n', begin), text.size());
    const std::string_view line(text.data() + begin, end - begin);
    if (!line.empty()) {
      drops = drop(line);
      dropped += drops ? 1 : 0;
    }
    if (!drops) rest.append(text, begin, end + 1 - begin);
    begin = end + 1;
  }
  if (dropped == 0) return 0;
  if (drops) rest.erase(rest.find_last_not_of('\n') + 1);
  text = std::move(rest);
  return dropped;
}

}  // namespace reka::data
