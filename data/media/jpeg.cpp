#include <array>
#include <csetjmp>
#include <cstdio>

// clang-format off
#include <jpeglib.h>
#include <jerror.h>  // its numbers depend on what jpeglib.h defines
// clang-format on

#include "data/media/pixels.h"
#include "reka/base/error.h"

namespace reka::data {
namespace {

constexpr int kMaxScans = 200;  // a small file of many scans would take hours

/// What libjpeg only warns of, though pixels are lost.
bool is_damage(int code) {
  return code == JWRN_HIT_MARKER || code == JWRN_HUFF_BAD_CODE || code == JWRN_JPEG_EOF ||
         code == JWRN_MUST_RESYNC || code == JWRN_ARITH_BAD_CODE || code == JWRN_EXTRANEOUS_DATA;
}

/// libjpeg with its errors kept: it is left by a jump out of its own calls.
class JpegReader {
 public:
  explicit JpegReader(Bytes bytes) : bytes_(bytes) {
    info_.err = jpeg_std_error(&errors_);
    info_.client_data = this;
    errors_.error_exit = stop;
    errors_.emit_message = [](j_common_ptr info, int level) {
      if (level < 0 && is_damage(info->err->msg_code)) stop(info);
    };
    progress_.progress_monitor = [](j_common_ptr info) {
      auto& self = *static_cast<JpegReader*>(info->client_data);
      if (self.info_.input_scan_number > kMaxScans) ERREXIT(&self.info_, JERR_BAD_PROGRESSION);
    };
  }
  ~JpegReader() { jpeg_destroy_decompress(&info_); }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;

  const char* finding() const { return finding_.data(); }
  bool is_cmyk() const { return info_.out_color_space == JCS_CMYK; }
  bool is_inverted() const { return info_.saw_Adobe_marker != 0; }

  /// False when libjpeg gave up. What `steps` owns would not be freed by the jump: nothing.
  template <typename Steps>
  bool succeeds(const Steps& steps) {
    if (setjmp(jump_) != 0) return false;
    steps();
    return true;
  }

  /// The size and channels that read() will give.
  void open(Pixels& pixels) {
    jpeg_create_decompress(&info_);
    info_.progress = &progress_;
    jpeg_mem_src(&info_, reinterpret_cast<const unsigned char*>(bytes_.data()), bytes_.size());
    jpeg_read_header(&info_, TRUE);
    const auto stored = info_.num_components;
    info_.out_color_space = stored == 1 ? JCS_GRAYSCALE : stored == 4 ? JCS_CMYK : JCS_RGB;
    jpeg_calc_output_dimensions(&info_);
    pixels.width = info_.output_width;
    pixels.height = info_.output_height;
    pixels.channels = info_.output_components;
  }

  void read(uint8_t* out, int64_t row_bytes) {
    jpeg_start_decompress(&info_);
    while (info_.output_scanline < info_.output_height) {
      auto* row = out + info_.output_scanline * row_bytes;
      jpeg_read_scanlines(&info_, &row, 1);
    }
    jpeg_finish_decompress(&info_);
  }

 private:
  static void stop(j_common_ptr info) {
    auto& self = *static_cast<JpegReader*>(info->client_data);
    info->err->format_message(info, self.finding_.data());
    std::longjmp(self.jump_, 1);
  }

  Bytes bytes_;
  jpeg_decompress_struct info_{};
  jpeg_error_mgr errors_{};
  jpeg_progress_mgr progress_{};
  std::jmp_buf jump_{};
  std::array<char, JMSG_LENGTH_MAX> finding_{};
};

// r = c k / 255 of inverted ink, as Adobe writes it; of plain ink 255 - c and 255 - k are in their
// place.
void cmyk_to_rgb(Pixels& pixels, bool inverted) {
  const auto* in = pixels.bytes.data();
  auto* out = pixels.bytes.data();
  for (int64_t n = 0; n < pixels.width * pixels.height; ++n, in += 4) {
    const auto light = [&](int ink) { return inverted ? in[ink] : 255 - in[ink]; };
    const auto black = light(3);
    for (int ink = 0; ink < 3; ++ink)
      *out++ = static_cast<uint8_t>((light(ink) * black + 127) / 255);
  }
  pixels.channels = 3;
  pixels.bytes.resize(static_cast<size_t>(pixels.height * pixels.row_bytes()));
}

}  // namespace

Pixels decode_jpeg(Bytes bytes, std::string_view name) {
  JpegReader reader(bytes);
  Pixels pixels;
  bool good = reader.succeeds([&] { reader.open(pixels); });
  if (good) {
    pixels.bytes.resize(static_cast<size_t>(pixels.height * pixels.row_bytes()));
    good = reader.succeeds([&] { reader.read(pixels.bytes.data(), pixels.row_bytes()); });
  }
  if (!good) throw DataError("{}: image cannot be decoded: is damaged: {}", name, reader.finding());
  if (reader.is_cmyk()) cmyk_to_rgb(pixels, reader.is_inverted());
  return pixels;
}

}  // namespace reka::data
