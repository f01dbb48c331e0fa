#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace reka::data {

/// What stands before the pixels of a PNG, JPEG or WebP file.
struct ImageHeader {
  int64_t width = 0;  // as stored, before `orientation`
  int64_t height = 0;
  int orientation = 1;  // EXIF 0x0112: 1 ... 8; 5 and above exchange width and height
};

/// nullopt when it is none of the three, or has no header.
std::optional<ImageHeader> read_image_header(std::span<const std::byte> bytes);

/// Whether it is a WebP file of several pictures.
bool is_animated(std::span<const std::byte> bytes);

/// Whether it is a TIFF file with more channels than colours, such as transparency.
bool has_extra_channels(std::span<const std::byte> bytes);

/// Width and height of a BMP, TIFF or PNM file as stored; nullopt when it says none. For the limit
/// on pixels alone: decoders may turn the picture.
std::optional<ImageHeader> read_stored_size(std::span<const std::byte> bytes);

}  // namespace reka::data
