#include "reka/base/quantity.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include <fmt/format.h>

namespace reka {
namespace {

/// `value` with three digits and the prefix of its thousands; whole numbers below 1000 as they are.
std::string scaled(double value, const std::array<std::string_view, 6>& prefixes) {
  size_t n = 0;
  auto size = std::abs(value);
  while (size >= 999.5 && n + 1 < prefixes.size()) {
    size /= 1000;
    value /= 1000;
    ++n;
  }
  const bool whole = n == 0 && value == std::floor(value);
  const int decimals = whole || size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
  return fmt::format("{:.{}f}{}", value, decimals, prefixes[n]);
}

}  // namespace

std::string count_text(double count) {
  return scaled(count, {"", "k", "M", "B", "T", "Q"});
}

std::string bytes_text(double bytes) {
  return scaled(bytes, {" B", " kB", " MB", " GB", " TB", " PB"});
}

std::string seconds_text(double seconds) {
  if (seconds < 9.95) return fmt::format("{:.1f} s", std::max(seconds, 0.0));
  const auto whole = static_cast<int64_t>(std::llround(seconds));
  if (whole < 60) return fmt::format("{} s", whole);
  const auto days = whole / 86400, hours = whole / 3600 % 24;
  const auto minutes = whole / 60 % 60;
  if (days > 0) return fmt::format("{} d {}:{:02}", days, hours, minutes);
  if (hours > 0) return fmt::format("{}:{:02}:{:02}", hours, minutes, whole % 60);
  return fmt::format("{}:{:02}", minutes, whole % 60);
}

std::string percent_text(double share, int decimals) {
  return fmt::format("{:.{}f} %", 100 * share, decimals);
}

}  // namespace reka
