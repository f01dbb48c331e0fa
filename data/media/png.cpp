#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstring>

#include <png.h>

#include "data/media/pixels.h"
#include "reka/base/error.h"

namespace reka::data {
namespace {

/// libpng with its errors kept: it reports them by a jump out of its own calls.
class PngReader {
 public:
  explicit PngReader(Bytes bytes) : bytes_(bytes) {
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, on_error, [](auto, auto) {});
    if (png_ != nullptr) info_ = png_create_info_struct(png_);
  }
  ~PngReader() { png_destroy_read_struct(&png_, &info_, nullptr); }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;

  const char* finding() const { return finding_.data(); }

  /// False when libpng gave up. What `steps` owns would not be freed by the jump: nothing.
  template <typename Steps>
  bool succeeds(const Steps& steps) {
    if (info_ == nullptr || setjmp(jump_) != 0) return false;
    steps();
    return true;
  }

  /// The size and channels that read() will give.
  void open(Pixels& pixels) {
    png_set_read_fn(png_, this, on_read);
    png_read_info(png_, info_);
    const auto colour = png_get_color_type(png_, info_);
    const bool has_alpha =
        (colour & PNG_COLOR_MASK_ALPHA) != 0 || png_get_valid(png_, info_, PNG_INFO_tRNS) != 0;
    png_set_expand(png_);
    png_set_scale_16(png_);
    if (has_alpha && (colour & PNG_COLOR_MASK_COLOR) == 0) png_set_gray_to_rgb(png_);
    png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
    pixels.width = png_get_image_width(png_, info_);
    pixels.height = png_get_image_height(png_, info_);
    pixels.channels = png_get_channels(png_, info_);
  }

  void read(uint8_t** rows) {
    png_read_image(png_, rows);
    png_read_end(png_, nullptr);
  }

 private:
  static void on_error(png_structp png, png_const_charp text) {
    auto& self = *static_cast<PngReader*>(png_get_error_ptr(png));
    std::strncpy(self.finding_.data(), text, self.finding_.size() - 1);
    std::longjmp(self.jump_, 1);
  }

  static void on_read(png_structp png, png_bytep out, size_t count) {
    auto& self = *static_cast<PngReader*>(png_get_io_ptr(png));
    if (count > self.bytes_.size()) png_error(png, "ends early");
    std::memcpy(out, self.bytes_.data(), count);
    self.bytes_ = self.bytes_.subspan(count);
  }

  Bytes bytes_;  // what is left
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  std::jmp_buf jump_{};
  std::array<char, 100> finding_{};
};

}  // namespace

Pixels decode_png(Bytes bytes, std::string_view name) {
  PngReader reader(bytes);
  Pixels pixels;
  std::vector<uint8_t*> rows;
  bool good = reader.succeeds([&] { reader.open(pixels); });
  if (good) {
    pixels.bytes.resize(static_cast<size_t>(pixels.height * pixels.row_bytes()));
    for (int64_t y = 0; y < pixels.height; ++y)
      rows.push_back(pixels.bytes.data() + y * pixels.row_bytes());
    good = reader.succeeds([&] { reader.read(rows.data()); });
  }
  if (!good) throw DataError("{}: image cannot be decoded: is damaged: {}", name, reader.finding());
  return pixels;
}

}  // namespace reka::data
