#include "reka/base/base64.h"

#include <array>
#include <cstdint>

namespace reka {
namespace {

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr uint8_t kNoDigit = 255;

constexpr auto kValues = [] {
  std::array<uint8_t, 256> values{};
  values.fill(kNoDigit);
  for (size_t n = 0; n < kDigits.size(); ++n)
    values[static_cast<uint8_t>(kDigits[n])] = static_cast<uint8_t>(n);
  return values;
}();

}  // namespace

std::string base64_encode(std::span<const std::byte> bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t n = 0; n < bytes.size(); n += 3) {
    const auto byte = [&](size_t k) {
      return n + k < bytes.size() ? static_cast<uint32_t>(bytes[n + k]) : 0;
    };
    const auto word = byte(0) << 16 | byte(1) << 8 | byte(2);
    text += kDigits[word >> 18];
    text += kDigits[word >> 12 & 63];
    text += n + 1 < bytes.size() ? kDigits[word >> 6 & 63] : '=';
    text += n + 2 < bytes.size() ? kDigits[word & 63] : '=';
  }
  return text;
}

std::optional<std::string> base64_decode(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  uint32_t word = 0;
  size_t digits = 0, padding = 0;
  for (const char c : text) {
    if (c == '\n' || c == '\r') continue;
    if (c == '=') {
      ++padding;
      continue;
    }
    const auto value = kValues[static_cast<uint8_t>(c)];
    if (value == kNoDigit || padding > 0) return std::nullopt;
    word = word << 6 | value;
    if (++digits % 4 != 0) continue;
    for (const int shift : {16, 8, 0}) bytes += static_cast<char>(word >> shift);
  }
  const auto rest = digits % 4;
  if (rest == 1 || padding > 2 || (padding > 0 && (rest + padding) % 4 != 0)) return std::nullopt;
  if (rest == 2) bytes += static_cast<char>(word >> 4);
  if (rest == 3) {
    bytes += static_cast<char>(word >> 10);
    bytes += static_cast<char>(word >> 2);
  }
  return bytes;
}

std::string data_url(std::string_view media_type, std::span<const std::byte> bytes) {
  return "data:" + std::string(media_type) + ";base64," + base64_encode(bytes);
}

}  // namespace reka
