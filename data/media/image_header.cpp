#include "data/media/image_header.h"

#include "data/media/bytes.h"

namespace reka::data {
namespace {

constexpr uint64_t kOrientationTag = 0x0112;

// EXIF is a TIFF file: byte order, 42, place of the first directory of 12-byte entries.
int exif_orientation(Bytes exif) {
  const auto little = has_at(exif, 0, "II");
  const auto number = [&](size_t at, size_t count) {
    return (little ? little_endian(exif, at, count) : big_endian(exif, at, count)).value_or(0);
  };
  const auto directory = number(4, 4);
  const auto entries = number(directory, 2);
  for (uint64_t n = 0; n < entries; ++n) {
    const auto entry = directory + 2 + 12 * n;
    if (number(entry, 2) != kOrientationTag) continue;
    const auto orientation = number(entry + 8, 2);
    return orientation >= 1 && orientation <= 8 ? static_cast<int>(orientation) : 1;
  }
  return 1;
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

}  // namespace

std::optional<ImageHeader> read_image_header(Bytes bytes) {
  if (has_at(bytes, 0, "\x89PNG\r\n\x1a\n")) return png_header(bytes);
  if (has_at(bytes, 0, "\xff\xd8\xff")) return jpeg_header(bytes);
  if (has_at(bytes, 0, "RIFF") && has_at(bytes, 8, "WEBP")) return webp_header(bytes);
  return std::nullopt;
}

}  // namespace reka::data
