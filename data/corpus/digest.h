#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace reka::data {

/// Hexadecimal digits of a hash by the name that Python's hashlib or xxhash has for it ("sha1",
/// "blake2b", "xxh64", "xxh3_128"); nullopt for one that is not known here.
std::optional<std::string> digest(std::string_view algorithm, std::span<const std::byte> bytes);

}  // namespace reka::data
