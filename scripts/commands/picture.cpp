#include "scripts/commands/picture.h"

#include <algorithm>
#include <cstdio>

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include "data/media/image.h"
#include "reka/base/files.h"

namespace reka::commands {

void show_picture(const std::string& bytes, const std::string& name, int columns) {
  const auto image = data::decode_image(as_bytes(bytes), name);
  const auto width = std::min<int64_t>(columns, image.size(2));
  const auto rows = std::max<int64_t>(1, image.size(1) * width / image.size(2) / 2);
  const auto pixels =
      data::resize_image(image, 2 * rows, width).permute({1, 2, 0}).contiguous();  // [2 rows, w, 3]
  const auto* pixel = pixels.const_data_ptr<uint8_t>();
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t column = 0; column < width; ++column) {
      const auto* top = pixel + 3 * (2 * row * width + column);
      const auto* bottom = top + 3 * width;
      std::printf("\x1b[38;2;%d;%d;%dm\x1b[48;2;%d;%d;%dm\u2580", top[0], top[1], top[2], bottom[0],
                  bottom[1], bottom[2]);
    }
    std::printf("\x1b[0m\n");
  }
}

}  // namespace reka::commands
