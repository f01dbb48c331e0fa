#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "data/media/bytes.h"

namespace reka::data {

/// Interleaved pixels of 8 bits as a file stores them: grey, RGB, or RGB and alpha.
struct Pixels {
  int64_t width = 0;
  int64_t height = 0;
  int channels = 0;
  std::vector<uint8_t> bytes;

  int64_t row_bytes() const { return width * channels; }
};

// By the libraries themselves: OpenCV would let them print what is wrong, and take a damaged JPEG
// for a whole one. The caller has checked that the size in the header is bearable. Each throws a
// DataError that starts with `name`.

/// A palette, 1, 2, 4 and 16 bits and transparent colours become the above.
Pixels decode_png(Bytes bytes, std::string_view name);

/// CMYK becomes RGB. A scan that cannot be decoded to its end is an error; damage that leaves a
/// stream of valid codes is not seen, as JPEG has no checksum.
Pixels decode_jpeg(Bytes bytes, std::string_view name);

}  // namespace reka::data
