#include "data/media/clip.h"

#include <memory>
#include <utility>

#include "data/media/container.h"
#include "reka/base/error.h"

extern "C" {
#include <libavutil/opt.h>
}

namespace reka::data {
namespace {

void check(int result, const char* what) {
  if (result < 0) throw DataError("clip: {}: {}", what, av_error(result));
}

// A WebM file that grows in memory.
class WebmWriter {
 public:
  WebmWriter(int width, int height, int frames_per_second) {
    silence_ffmpeg();
    const auto* codec = avcodec_find_encoder_by_name("libvpx");
    if (codec == nullptr) throw DataError("clip: this FFmpeg has no VP8 encoder: must have libvpx");
    AVFormatContext* format = nullptr;
    check(avformat_alloc_output_context2(&format, nullptr, "webm", nullptr), "WebM");
    format_.reset(format);
    format->flags |= AVFMT_FLAG_BITEXACT;  // no date, no random identity
    encoder_.reset(avcodec_alloc_context3(codec));
    encoder_->width = width;
    encoder_->height = height;
    encoder_->pix_fmt = AV_PIX_FMT_YUV420P;
    encoder_->time_base = {1, frames_per_second};
    encoder_->framerate = {frames_per_second, 1};
    encoder_->thread_count = 1;
    encoder_->flags |= AV_CODEC_FLAG_BITEXACT;
    encoder_->bit_rate = 1'000'000;
    AVDictionary* options = nullptr;
    for (const auto& [key, value] :
         {std::pair{"crf", "10"}, {"deadline", "good"}, {"cpu-used", "4"}})
      av_dict_set(&options, key, value, 0);
    const auto opened = avcodec_open2(encoder_.get(), codec, &options);
    av_dict_free(&options);
    check(opened, "VP8");
    stream_ = avformat_new_stream(format, nullptr);
    check(avcodec_parameters_from_context(stream_->codecpar, encoder_.get()), "VP8");
    stream_->time_base = encoder_->time_base;
    stream_->avg_frame_rate = encoder_->framerate;
    check(avio_open_dyn_buf(&format->pb), "WebM");
    check(avformat_write_header(format, nullptr), "WebM");
  }
  WebmWriter(const WebmWriter&) = delete;
  WebmWriter& operator=(const WebmWriter&) = delete;

  AVCodecContext& encoder() { return *encoder_; }

  // nullptr: the last.
  void write(const AVFrame* frame) {
    check(avcodec_send_frame(encoder_.get(), frame), "VP8");
    while (avcodec_receive_packet(encoder_.get(), packet_.get()) == 0) {
      packet_->duration = 1;
      av_packet_rescale_ts(packet_.get(), encoder_->time_base, stream_->time_base);
      check(av_write_frame(format_.get(), packet_.get()), "WebM");
      av_packet_unref(packet_.get());
    }
  }

  std::string finish() {
    write(nullptr);
    check(av_write_trailer(format_.get()), "WebM");
    uint8_t* data = nullptr;
    const auto size = avio_close_dyn_buf(std::exchange(format_->pb, nullptr), &data);
    std::string bytes(reinterpret_cast<const char*>(data), static_cast<size_t>(size));
    av_free(data);
    return bytes;
  }

 private:
  struct FormatFree {
    void operator()(AVFormatContext* format) const {
      uint8_t* data = nullptr;
      if (format->pb != nullptr) avio_close_dyn_buf(format->pb, &data);
      av_free(data);
      avformat_free_context(format);
    }
  };
  std::unique_ptr<AVFormatContext, FormatFree> format_;
  AvCodecPtr encoder_;
  AvPacketPtr packet_{av_packet_alloc()};
  AVStream* stream_ = nullptr;
};

}  // namespace

std::string encode_clip(std::span<const at::Tensor> frames, int frames_per_second) {
  TORCH_CHECK(!frames.empty() && frames[0].dim() == 3 && frames[0].scalar_type() == at::kByte,
              "encode_clip: frames must be uint8 [3, H, W]");
  const auto height = static_cast<int>(frames[0].size(1));
  const auto width = static_cast<int>(frames[0].size(2));
  TORCH_CHECK(height % 2 == 0 && width % 2 == 0, "encode_clip: ", width, " x ", height, " is odd");
  WebmWriter writer(width, height, frames_per_second);
  const SwsPtr colours(
      sws_getContext(width, height, AV_PIX_FMT_GBRP, width, height, AV_PIX_FMT_YUV420P,
                     SWS_BICUBIC | SWS_ACCURATE_RND | SWS_BITEXACT, nullptr, nullptr, nullptr));
  const AvFramePtr frame(av_frame_alloc());
  int64_t time = 0;  // in frames
  for (const auto& rgb : frames) {
    TORCH_CHECK(rgb.sizes() == frames[0].sizes(), "encode_clip: frames differ in size");
    av_frame_unref(frame.get());
    frame->format = AV_PIX_FMT_YUV420P;
    frame->width = width;
    frame->height = height;
    frame->pts = time++;
    const auto planes = rgb.contiguous();
    const auto* red = planes.const_data_ptr<uint8_t>();
    const auto area = int64_t{width} * height;
    const uint8_t* const data[] = {red + area, red + 2 * area, red, nullptr};  // GBRP
    const int strides[] = {width, width, width, 0};
    check(av_frame_get_buffer(frame.get(), 0), "frame");
    sws_scale(colours.get(), data, strides, 0, height, frame->data, frame->linesize);
    writer.write(frame.get());
  }
  return writer.finish();
}

}  // namespace reka::data
