#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>

namespace reka::data {

using Bytes = std::span<const std::byte>;

/// `count` bytes at `at` as one number, the most significant first; nullopt beyond the end.
inline std::optional<uint64_t> big_endian(Bytes bytes, size_t at, size_t count) {
  if (at > bytes.size() || count > bytes.size() - at) return std::nullopt;
  uint64_t value = 0;
  for (const auto byte : bytes.subspan(at, count))
    value = value << 8 | std::to_integer<uint64_t>(byte);
  return value;
}

/// The same with the least significant first.
inline std::optional<uint64_t> little_endian(Bytes bytes, size_t at, size_t count) {
  if (at > bytes.size() || count > bytes.size() - at) return std::nullopt;
  uint64_t value = 0;
  for (size_t n = count; n-- > 0;) value = value << 8 | std::to_integer<uint64_t>(bytes[at + n]);
  return value;
}

inline bool has_at(Bytes bytes, size_t at, std::string_view mark) {
  return at <= bytes.size() && mark.size() <= bytes.size() - at &&
         std::memcmp(bytes.data() + at, mark.data(), mark.size()) == 0;
}

}  // namespace reka::data
