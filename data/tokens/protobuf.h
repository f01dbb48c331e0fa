#pragma once

#include <cstdint>
#include <string_view>

namespace reka::data {

/// The kinds of fields in a protobuf message.
enum class WireType : uint8_t { kVarint = 0, kEightBytes = 1, kBytes = 2, kFourBytes = 5 };

/// The key of a field: its number and its kind.
constexpr uint64_t field_key(uint64_t number, WireType type) {
  return number << 3 | static_cast<uint64_t>(type);
}

/// Reads a varint at `at`, which it moves behind it.
inline uint64_t read_varint(std::string_view message, size_t& at) {
  uint64_t value = 0;
  for (int shift = 0;; shift += 7) {
    const auto byte = static_cast<uint8_t>(message.at(at++));
    value |= uint64_t{byte & 0x7fU} << shift;
    if (byte < 0x80) return value;
  }
}

/// Calls `use(key, begin, length)` for the fields of a well-formed message.
void for_each_field(std::string_view message, const auto& use) {
  size_t at = 0;
  while (at < message.size()) {
    const auto key = read_varint(message, at);
    const auto type = static_cast<WireType>(key & 7);
    const uint64_t length = type == WireType::kBytes        ? read_varint(message, at)
                            : type == WireType::kEightBytes ? 8
                            : type == WireType::kFourBytes  ? 4
                                                            : 0;
    const auto begin = at;
    if (type == WireType::kVarint) read_varint(message, at);
    at += length;
    use(key, begin, at - begin);
  }
}

}  // namespace reka::data
