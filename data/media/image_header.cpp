#include "data/media/image_header.h"

#include <array>
#include <cctype>
#include <cstdlib>

#include "data/media/bytes.h"

namespace reka::data {
namespace {

constexpr uint64_t kWidthTag = 0x0100, kHeightTag = 0x0101, kOrientationTag = 0x0112;
constexpr uint64_t kPhotometricTag = 0x0106, kSamplesTag = 0x0115;

// The number at a tag of the first directory of a TIFF file, 0 when it is absent. EXIF is one too:
// byte order, 42, place of the directory of 12-byte entries (tag, type, count, value).
uint64_t tiff_value(Bytes tiff, uint64_t tag) {
  constexpr uint64_t kShort = 3;
  const auto little = has_at(tiff, 0, "II");
  const auto number = [&](size_t at, size_t count) {
    return (little ? little_endian(tiff, at, count) : big_endian(tiff, at, count)).value_or(0);
  };
  const auto directory = number(4, 4);
  const auto entries = number(directory, 2);
  for (uint64_t n = 0; n < entries; ++n) {
    const auto entry = directory + 2 + 12 * n;
    if (number(entry, 2) == tag) return number(entry + 8, number(entry + 2, 2) == kShort ? 2 : 4);
  }
  return 0;
}

int exif_orientation(Bytes exif) {
  const auto orientation = tiff_value(exif, kOrientationTag);
  return orientation >= 1 && orientation <= 8 ? static_cast<int>(orientation) : 1;
}

Bytes cut(Bytes bytes, size_t at, size_t count) {
  if (at > bytes.size()) return {};
  return bytes.subspan(at, std::min(count, bytes.size() - at));
}

// Chunks of (length, type, content, CRC); IHDR comes first, eXIf anywhere before the end.
std::optional<ImageHeader> png_header(Bytes bytes) {
  const auto width = big_endian(bytes, 16, 4), height = big_endian(bytes, 20, 4);
  if (!has_at(bytes, 12, "IHDR") || !width || !height) return std::nullopt;
  ImageHeader header{static_cast<int64_t>(*width), static_cast<int64_t>(*height)};
  for (size_t at = 8; at < bytes.size();) {
    const auto length = big_endian(bytes, at, 4).value_or(0);
    if (has_at(bytes, at + 4, "eXIf"))
      header.orientation = exif_orientation(cut(bytes, at + 8, length));
    at += length + 12;
  }
  return header;
}

bool is_frame_header(uint64_t marker) {
  return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

// Segments of (0xff, marker, length, content) up to the frame header, SOF.
std::optional<ImageHeader> jpeg_header(Bytes bytes) {
  ImageHeader header;
  for (size_t at = 2; at + 4 <= bytes.size();) {
    if (bytes[at] != std::byte{0xff}) return std::nullopt;
    const auto marker = *big_endian(bytes, at + 1, 1);
    if (marker == 0xff) {  // a fill byte
      ++at;
      continue;
    }
    const auto length = *big_endian(bytes, at + 2, 2);
    if (marker == 0xe1 && has_at(bytes, at + 4, std::string_view("Exif\0\0", 6)))
      header.orientation = exif_orientation(cut(bytes, at + 10, length));
    if (is_frame_header(marker)) {
      const auto height = big_endian(bytes, at + 5, 2), width = big_endian(bytes, at + 7, 2);
      if (!width || !height) return std::nullopt;
      header.width = static_cast<int64_t>(*width);
      header.height = static_cast<int64_t>(*height);
      return header;
    }
    at += 2 + length;
  }
  return std::nullopt;
}

// RIFF chunks of (type, length, content); the first is VP8, VP8L or VP8X. RFC 9649.
std::optional<ImageHeader> webp_header(Bytes bytes) {
  ImageHeader header;
  const auto number = [&](size_t at, size_t count) {
    return static_cast<int64_t>(little_endian(bytes, at, count).value_or(0));
  };
  if (has_at(bytes, 12, "VP8 ")) {
    header.width = number(26, 2) & 0x3fff;
    header.height = number(28, 2) & 0x3fff;
  } else if (has_at(bytes, 12, "VP8L")) {
    header.width = (number(21, 4) & 0x3fff) + 1;
    header.height = (number(21, 4) >> 14 & 0x3fff) + 1;
  } else if (has_at(bytes, 12, "VP8X")) {
    header.width = number(24, 3) + 1;
    header.height = number(27, 3) + 1;
  } else {
    return std::nullopt;
  }
  for (size_t at = 12; at < bytes.size();) {
    const auto length = little_endian(bytes, at + 4, 4).value_or(0);
    if (has_at(bytes, at, "EXIF"))
      header.orientation = exif_orientation(cut(bytes, at + 8, length));
    at += 8 + length + length % 2;
  }
  return header;
}

// The header of the picture behind that of the file says its own length first; 12 is OS/2's.
std::optional<ImageHeader> bmp_size(Bytes bytes) {
  const auto length = little_endian(bytes, 14, 4);
  const size_t width = length == 12 ? 2 : 4;
  const auto columns = little_endian(bytes, 18, width),
             rows = little_endian(bytes, 18 + width, width);
  if (!length || !columns || !rows) return std::nullopt;
  const auto height = width == 2 ? int64_t(*rows) : int64_t{static_cast<int32_t>(*rows)};
  return ImageHeader{static_cast<int64_t>(*columns), std::abs(height)};  // below 0: from the top
}

// P6, width, height as decimal numbers between white space and comments up to the line's end.
std::optional<ImageHeader> pnm_size(Bytes bytes) {
  const auto byte_at = [&](size_t at) { return std::to_integer<unsigned char>(bytes[at]); };
  std::array<int64_t, 2> sizes{};
  size_t at = 2;
  for (auto& size : sizes) {
    while (at < bytes.size() && (std::isspace(byte_at(at)) != 0 || byte_at(at) == '#')) {
      if (byte_at(at) == '#')
        while (at < bytes.size() && byte_at(at) != '\n') ++at;
      else
        ++at;
    }
    const auto begin = at;
    for (; at < bytes.size() && std::isdigit(byte_at(at)) != 0 && at < begin + 10; ++at)
      size = 10 * size + (byte_at(at) - '0');
    if (at == begin) return std::nullopt;
  }
  return ImageHeader{sizes[0], sizes[1]};
}

}  // namespace

std::optional<ImageHeader> read_stored_size(Bytes bytes) {
  if (has_at(bytes, 0, "BM")) return bmp_size(bytes);
  if (has_at(bytes, 0, "P")) return pnm_size(bytes);
  const auto width = tiff_value(bytes, kWidthTag), height = tiff_value(bytes, kHeightTag);
  if (width == 0 || height == 0) return std::nullopt;
  return ImageHeader{static_cast<int64_t>(width), static_cast<int64_t>(height)};
}

bool is_animated(Bytes bytes) {
  constexpr uint64_t kAnimation = 2;
  return has_at(bytes, 8, "WEBPVP8X") &&
         (little_endian(bytes, 20, 1).value_or(0) & kAnimation) != 0;
}

bool has_extra_channels(Bytes bytes) {
  if (!has_at(bytes, 0, std::string_view("II*\0", 4)) &&
      !has_at(bytes, 0, std::string_view("MM\0*", 4)))
    return false;
  // TIFF 6.0: 0 and 1 are grey, 2 RGB, 3 a palette, 4 a mask, 5 CMYK, 6 YCbCr, 8 L*a*b*.
  const auto photometric = tiff_value(bytes, kPhotometricTag);
  const uint64_t colours = photometric == 5 ? 4 : photometric == 2 || photometric > 5 ? 3 : 1;
  return tiff_value(bytes, kSamplesTag) > colours;
}

std::optional<ImageHeader> read_image_header(Bytes bytes) {
  if (has_at(bytes, 0, "\x89PNG\r\n\x1a\n")) return png_header(bytes);
  if (has_at(bytes, 0, "\xff\xd8\xff")) return jpeg_header(bytes);
  if (has_at(bytes, 0, "RIFF") && has_at(bytes, 8, "WEBP")) return webp_header(bytes);
  return std::nullopt;
}

}  // namespace reka::data
