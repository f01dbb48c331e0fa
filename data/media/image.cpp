#include "data/media/image.h"

#include <algorithm>
#include <array>
#include <iostream>
#include <streambuf>
#include <utility>
#include <vector>

#include <ATen/ops/_upsample_bicubic2d_aa.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <opencv2/core.hpp>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "data/media/bytes.h"
#include "data/media/image_header.h"
#include "data/media/pixels.h"
#include "data/media/truncation.h"
#include "reka/base/error.h"

namespace reka::data {
namespace {

using std::string_view_literals::operator""sv;

constexpr int64_t kMaxPixels = int64_t{1} << 27;  // more is an attack or a mistake

// OpenCV knows more formats, through libraries that are not made for untrusted bytes.
bool is_known_format(Bytes bytes) {
  for (const std::string_view mark : {"\x89PNG"sv, "\xff\xd8\xff"sv, "BM"sv, "II*\0"sv, "MM\0*"sv})
    if (has_at(bytes, 0, mark)) return true;
  const auto is_pnm = has_at(bytes, 0, "P") && bytes.size() > 2 && bytes[1] >= std::byte{'1'} &&
                      bytes[1] <= std::byte{'6'};
  return is_pnm || (has_at(bytes, 0, "RIFF") && has_at(bytes, 8, "WEBP"));
}

void check_size(int64_t width, int64_t height, std::string_view name) {
  if (width <= 0 || height <= 0 || width > kMaxPixels / height)
    throw DataError("{}: {} x {} pixels: must be 1 to {} in all", name, width, height, kMaxPixels);
}

void check_file(Bytes bytes, std::string_view name) {
  if (bytes.empty()) throw DataError("{}: empty: must be an image", name);
  if (!is_known_format(bytes))
    throw DataError("{}: unknown format: must be PNG, JPEG, WebP, BMP, TIFF or PNM", name);
  // Its decoders multiply by transparency, or leave it out, by the kind of file.
  if (has_extra_channels(bytes))
    throw DataError("{}: TIFF with transparency: must have none, or be a PNG", name);
  if (is_animated(bytes)) throw DataError("{}: image is animated: must be one picture", name);
  if (is_truncated(bytes)) throw DataError("{}: image is truncated: must be a whole file", name);
}

// OpenCV writes to std::cerr why it cannot decode. This buffer lets through what is written by
// threads that are not in a Silence.
class SilentBuffer final : public std::streambuf {
 public:
  SilentBuffer() : before_(std::cerr.rdbuf(this)) {}
  ~SilentBuffer() override { std::cerr.rdbuf(before_); }
  SilentBuffer(const SilentBuffer&) = delete;
  SilentBuffer& operator=(const SilentBuffer&) = delete;

  static thread_local bool silent;

 protected:
  int overflow(int byte) override {
    return silent || byte == traits_type::eof() ? 0 : before_->sputc(static_cast<char>(byte));
  }
  std::streamsize xsputn(const char* text, std::streamsize count) override {
    return silent ? count : before_->sputn(text, count);
  }
  int sync() override { return before_->pubsync(); }

 private:
  std::streambuf* before_;
};
thread_local bool SilentBuffer::silent = false;

struct Silence {
  Silence() {
    static const SilentBuffer buffer;
    SilentBuffer::silent = true;
  }
  ~Silence() { SilentBuffer::silent = false; }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;
};

// By OpenCV, whose order BGR becomes RGB.
cv::Mat decode_others(Bytes bytes, std::string_view name) {
  static const bool quiet = (cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT),
                             cv::setNumThreads(1), true);
  static_cast<void>(quiet);
  // PNG, JPEG and WebP were checked before; a header that is not understood is not trusted.
  const auto stored = read_image_header(bytes) ? read_image_header(bytes) : read_stored_size(bytes);
  if (!stored) throw DataError("{}: image has no size: is damaged", name);
  check_size(stored->width, stored->height, name);
  cv::Mat image;
  try {
    const Silence silence;
    const cv::Mat file(1, static_cast<int>(bytes.size()), CV_8U,
                       const_cast<std::byte*>(bytes.data()));  // only read
    image = cv::imdecode(file, cv::IMREAD_UNCHANGED);
  } catch (const cv::Exception&) {
    image.release();
  }
  if (image.empty()) throw DataError("{}: image cannot be decoded: is damaged", name);
  if (image.depth() == CV_16U) image.convertTo(image, CV_8U, 1.0 / 257);
  if (image.depth() != CV_8U || image.channels() == 2 || image.channels() > 4)
    throw DataError("{}: image has {} channels of another kind: must be 8 or 16 bit grey or RGB",
                    name, image.channels());
  if (image.channels() == 3) cv::cvtColor(image, image, cv::COLOR_BGR2RGB);
  if (image.channels() == 4) cv::cvtColor(image, image, cv::COLOR_BGRA2RGBA);
  return image;
}

// 1, 3 or 4 channels of 8 bits, and what holds them.
struct Decoded {
  std::vector<uint8_t> bytes;
  cv::Mat image;
};

Decoded decode_pixels(Bytes bytes, std::string_view name) {
  const auto is_png = has_at(bytes, 0, "\x89PNG");
  if (!is_png && !has_at(bytes, 0, "\xff\xd8\xff")) return {{}, decode_others(bytes, name)};
  auto pixels = is_png ? decode_png(bytes, name) : decode_jpeg(bytes, name);
  Decoded decoded{std::move(pixels.bytes), {}};
  decoded.image = cv::Mat(static_cast<int>(pixels.height), static_cast<int>(pixels.width),
                          CV_8UC(pixels.channels), decoded.bytes.data());
  return decoded;
}

// EXIF: 2 mirrored, 3 turned by 180 degrees, 4 both; 5 ... 8 the same of the transposed picture.
cv::Mat upright(const cv::Mat& stored, int orientation) {
  auto image = stored;
  if (orientation >= 5) {
    image = cv::Mat();
    cv::transpose(stored, image);
  }
  const auto flipped = [&](int axis) {
    cv::Mat result;
    cv::flip(image, result, axis);
    return result;
  };
  switch (orientation) {
    case 2:
    case 6:
      return flipped(1);
    case 3:
    case 7:
      return flipped(-1);
    case 4:
    case 8:
      return flipped(0);
    default:
      return image;
  }
}

}  // namespace

at::Tensor composite_on_white(const uint8_t* pixels, int64_t height, int64_t width,
                              const PixelLayout& layout) {
  auto rgb = at::empty({height, width, 3}, at::kByte);
  auto* out = rgb.mutable_data_ptr<uint8_t>();
  const bool is_rgb = layout.channels == 3 && layout.order == PixelLayout().order;
  for (int64_t y = 0; y < height; ++y) {
    const auto* row = pixels + y * layout.row_bytes;
    if (is_rgb) {
      out = std::copy_n(row, 3 * width, out);
      continue;
    }
    for (int64_t x = 0; x < width; ++x, row += layout.channels) {
      const auto alpha = layout.channels == 4 ? row[3] : 255;
      for (const auto colour : layout.order)
        *out++ = static_cast<uint8_t>((row[colour] * alpha + 255 * (255 - alpha) + 127) / 255);
    }
  }
  return rgb.permute({2, 0, 1});
}

at::Tensor decode_image(Bytes bytes, std::string_view name) {
  check_file(bytes, name);
  const auto header = read_image_header(bytes);
  if (header) check_size(header->width, header->height, name);
  const auto decoded = decode_pixels(bytes, name);
  check_size(decoded.image.cols, decoded.image.rows, name);
  const auto image = upright(decoded.image, header ? header->orientation : 1);
  PixelLayout layout{.channels = image.channels(), .row_bytes = static_cast<int64_t>(image.step)};
  if (image.channels() == 1) layout.order = {0, 0, 0};
  return composite_on_white(image.data, image.rows, image.cols, layout);
}

Geometry read_image_geometry(Bytes bytes, std::string_view name) {
  check_file(bytes, name);
  if (const auto header = read_image_header(bytes)) {
    check_size(header->width, header->height, name);
    auto width = static_cast<int32_t>(header->width), height = static_cast<int32_t>(header->height);
    if (header->orientation >= 5) std::swap(width, height);
    return {.width = width, .height = height};
  }
  const auto image = decode_pixels(bytes, name).image;
  check_size(image.cols, image.rows, name);
  return {.width = image.cols, .height = image.rows};
}

at::Tensor resize_image(const at::Tensor& image, int64_t height, int64_t width) {
  const auto x = image.unsqueeze(0).contiguous(at::MemoryFormat::ChannelsLast);
  return at::_upsample_bicubic2d_aa(x, {height, width}, /*align_corners=*/false).squeeze(0);
}

at::Tensor normalise_colours(const at::Tensor& x, const ImageInputConfig& config) {
  constexpr size_t kColours = 3, kValues = 256;
  std::array<std::array<float, kValues>, kColours> normalised{};
  for (size_t colour = 0; colour < kColours; ++colour) {
    const auto scale = static_cast<float>(1 / (255 * config.deviation[colour]));
    const auto shift = static_cast<float>(-config.mean[colour] / config.deviation[colour]);
    for (size_t value = 0; value < kValues; ++value)
      normalised[colour][value] = static_cast<float>(value) * scale + shift;
  }
  const auto pixels = x.movedim(-3, -1).contiguous();  // [..., H, W, 3]
  auto planes = at::empty(x.sizes(), at::kFloat);
  const auto plane = x.size(-1) * x.size(-2);
  const auto* in = pixels.const_data_ptr<uint8_t>();
  auto* out = planes.mutable_data_ptr<float>();
  for (auto left = plane == 0 ? 0 : x.numel() / (3 * plane); left > 0; --left, out += 3 * plane) {
    for (int64_t n = 0; n < plane; ++n, in += 3) {
      out[n] = normalised[0][in[0]];
      out[plane + n] = normalised[1][in[1]];
      out[2 * plane + n] = normalised[2][in[2]];
    }
  }
  return planes;
}

at::Tensor image_tiles(const at::Tensor& image, const ImageInputConfig& config) {
  const auto size = config.tile_size;
  const Geometry geometry{.width = static_cast<int32_t>(image.size(2)),
                          .height = static_cast<int32_t>(image.size(1))};
  const auto grid = tile_grid(geometry, config);
  auto tiles = resize_image(image, size, size).unsqueeze(0);  // [1, 3, S, S] uint8
  if (grid.num_tiles() > 1) {
    const auto parts = resize_image(image, grid.rows * size, grid.columns * size)
                           .view({3, grid.rows, size, grid.columns, size})
                           .permute({1, 3, 0, 2, 4})
                           .reshape({-1, 3, size, size});  // [rows columns, 3, S, S]
    tiles = at::cat({parts, tiles});
  }
  return normalise_colours(tiles, config);
}

}  // namespace reka::data
