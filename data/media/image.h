#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <ATen/core/Tensor.h>

#include "reka/base/media.h"
#include "reka/model/media_input.h"

namespace reka::data {

// `name` stands first in the DataErrors of everything here.

/// An encoded picture (PNG, JPEG, WebP, BMP, TIFF, PNM) -> RGB uint8 [3, height, width], upright as
/// its EXIF orientation says, transparency composited on white; a pixel's colours lie together in
/// memory. Truncated files are errors.
at::Tensor decode_image(std::span<const std::byte> bytes, std::string_view name);

/// Width and height as decode_image gives them, from the file's header where the format is PNG,
/// JPEG or WebP.
Geometry read_image_geometry(std::span<const std::byte> bytes, std::string_view name);

/// How interleaved pixels of 8 bits lie in memory.
struct PixelLayout {
  int channels = 3;                      // 1, 3, or 4 with alpha last
  std::array<int, 3> order = {0, 1, 2};  // where red, green and blue are
  int64_t row_bytes = 0;
};

/// Interleaved pixels -> RGB uint8 [3, height, width] in the memory of [height, width, 3];
/// c a + 1 - a where there is an alpha.
at::Tensor composite_on_white(const uint8_t* pixels, int64_t height, int64_t width,
                              const PixelLayout& layout);

/// image [3, H, W] uint8 -> [3, height, width] uint8 by the antialiased bicubic filter (a = -0.5),
/// one direction after the other, each rounded, as Pillow does it.
at::Tensor resize_image(const at::Tensor& image, int64_t height, int64_t width);

/// image [3, H, W] uint8 -> [tiles, 3, S, S] fp32, normalised; tile_grid's tiles row by row, then
/// the whole picture when there is more than one.
at::Tensor image_tiles(const at::Tensor& image, const ImageInputConfig& config);

/// uint8 x [..., 3, H, W] -> fp32 (x / 255 - mean) / deviation, colour by colour.
at::Tensor normalise_colours(const at::Tensor& x, const ImageInputConfig& config);

}  // namespace reka::data
