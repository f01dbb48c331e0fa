#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace reka {

/// RFC 4648, with padding.
std::string base64_encode(std::span<const std::byte> bytes);

/// The bytes, or nothing when the text is not base64; line breaks and missing padding are allowed.
std::optional<std::string> base64_decode(std::string_view text);

/// `data:image/png;base64,...`
std::string data_url(std::string_view media_type, std::span<const std::byte> bytes);

}  // namespace reka
