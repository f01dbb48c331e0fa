#include "data/media/video.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include <ATen/ops/empty.h>
#include <ATen/ops/rot90.h>

#include "data/media/container.h"
#include "data/media/image.h"

extern "C" {
#include <libavutil/display.h>
#include <libavutil/pixdesc.h>
}

namespace reka::data {
namespace {

constexpr double kSeekSeconds = 2;  // nearer frames are reached by decoding on

// Quarter turns against the clock that show the picture upright, as a camera recorded them.
int quarter_turns(const AVStream& stream) {
  size_t size = 0;
  const auto* matrix = av_stream_get_side_data(&stream, AV_PKT_DATA_DISPLAYMATRIX, &size);
  if (matrix == nullptr || size < 9 * sizeof(int32_t)) return 0;
  const auto degrees = av_display_rotation_get(reinterpret_cast<const int32_t*>(matrix));
  return std::isfinite(degrees) ? static_cast<int>(std::lround(degrees / 90)) & 3 : 0;
}

Geometry shown_size(const Container& container) {
  const auto& parameters = *container.stream().codecpar;
  if (parameters.width <= 0 || parameters.height <= 0) container.fail("video has no size");
  const auto turned = quarter_turns(container.stream()) % 2 == 1;
  return {.width = turned ? parameters.height : parameters.width,
          .height = turned ? parameters.width : parameters.height};
}

// One frame in the colours that it declares (BT.601 when it does not) -> RGB.
class Colours {
 public:
  explicit Colours(const Container& container)
      : container_(container), turns_(quarter_turns(container.stream())) {}

  at::Tensor operator()(const AVFrame& frame) {
    const auto format = static_cast<AVPixelFormat>(frame.format);
    const auto* description = av_pix_fmt_desc_get(format);
    if (description == nullptr) container_.fail("video has no pixel format");
    const auto alpha = (description->flags & AV_PIX_FMT_FLAG_ALPHA) != 0;
    const auto target = alpha ? AV_PIX_FMT_RGBA : AV_PIX_FMT_RGB24;
    constexpr int kExact = SWS_BICUBIC | SWS_ACCURATE_RND | SWS_BITEXACT | SWS_FULL_CHR_H_INT;
    context_.reset(sws_getCachedContext(context_.release(), frame.width, frame.height, format,
                                        frame.width, frame.height, target, kExact, nullptr, nullptr,
                                        nullptr));
    if (!context_) container_.fail("video has a pixel format that cannot be converted");
    const auto* from = sws_getCoefficients(frame.colorspace);
    const auto full_range = frame.color_range == AVCOL_RANGE_JPEG;
    sws_setColorspaceDetails(context_.get(), from, full_range, sws_getCoefficients(SWS_CS_DEFAULT),
                             1, 0, 1 << 16, 1 << 16);
    PixelLayout layout{.channels = alpha ? 4 : 3};
    layout.row_bytes =
        (int64_t{frame.width} * layout.channels + 127) / 64 * 64;  // it writes in blocks
    auto pixels = at::empty({frame.height + 1, layout.row_bytes}, at::kByte);
    auto* data = pixels.mutable_data_ptr<uint8_t>();
    const auto stride = static_cast<int>(layout.row_bytes);
    sws_scale(context_.get(), frame.data, frame.linesize, 0, frame.height, &data, &stride);
    const auto rgb = composite_on_white(data, frame.height, frame.width, layout);
    return turns_ == 0 ? rgb : at::rot90(rgb, turns_, {1, 2}).contiguous();
  }

 private:
  const Container& container_;
  int turns_;
  SwsPtr context_;
};

int64_t ticks(const AVFrame& frame) {
  return frame.best_effort_timestamp == AV_NOPTS_VALUE ? 0 : frame.best_effort_timestamp;
}

}  // namespace

Geometry read_video_geometry(std::span<const std::byte> bytes, std::string_view name) {
  Container container(bytes, name, AVMEDIA_TYPE_VIDEO);
  auto geometry = shown_size(container);
  const AvPacketPtr packet(av_packet_alloc());
  int64_t first = INT64_MAX, last = INT64_MIN, end = INT64_MIN;
  while (container.read(*packet)) {
    if ((packet->flags & AV_PKT_FLAG_DISCARD) != 0) continue;
    ++geometry.frames;
    const auto at = packet->pts == AV_NOPTS_VALUE ? packet->dts : packet->pts;
    if (at == AV_NOPTS_VALUE) continue;
    first = std::min(first, at);
    last = std::max(last, at);
    end = std::max(end, at + packet->duration);
  }
  if (geometry.frames == 0) container.fail("video has no frames: must have some");
  const auto rate = av_q2d(container.stream().avg_frame_rate);
  const auto usual = rate > 0 && std::isfinite(rate) ? 1 / rate : 0.04;  // seconds of one frame
  auto seconds = geometry.frames * usual;
  if (last > first) {
    seconds = static_cast<double>(end - first) * container.seconds_per_tick();
    if (end == last) seconds += seconds / std::max(geometry.frames - 1, 1);
  }
  if (!std::isfinite(seconds) || seconds <= 0) container.fail("video has no length in time");
  geometry.seconds = seconds;
  return geometry;
}

std::vector<at::Tensor> decode_frames(std::span<const std::byte> bytes,
                                      std::span<const float> times, std::string_view name,
                                      const KeepFrame& keep) {
  Container container(bytes, name, AVMEDIA_TYPE_VIDEO);
  shown_size(container);
  const auto* next = container.decode();
  if (next == nullptr) container.fail("video has no frames: must have some");
  const auto start = ticks(*next);
  const auto since_start = [&](const AVFrame& frame) {
    return static_cast<double>(ticks(frame) - start) * container.seconds_per_tick();
  };
  const AvFramePtr shown(av_frame_alloc());
  av_frame_ref(shown.get(), next);
  Colours colours(container);
  std::vector<at::Tensor> frames;
  for (const auto time : times) {
    if (next != nullptr && time - since_start(*next) > kSeekSeconds) {
      const auto wanted = start + std::llround(time / container.seconds_per_tick());
      if (container.skip_towards(wanted, ticks(*next))) next = container.decode();
    }
    while (next != nullptr && since_start(*next) <= time) {
      av_frame_unref(shown.get());
      av_frame_ref(shown.get(), next);
      next = container.decode();
    }
    const auto frame = colours(*shown);
    frames.push_back(keep ? keep(frame) : frame);
  }
  return frames;
}

}  // namespace reka::data
