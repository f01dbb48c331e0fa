#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libswscale/swscale.h>
}

namespace reka::data {

/// Frees what FFmpeg frees through a pointer to the pointer.
template <auto kFree>
struct AvFree {
  template <typename T>
  void operator()(T* object) const {
    kFree(&object);
  }
};
struct AvioFree {
  void operator()(AVIOContext* io) const {
    av_freep(&io->buffer);
    avio_context_free(&io);
  }
};
struct SwsFree {
  void operator()(SwsContext* context) const { sws_freeContext(context); }
};
using SwsPtr = std::unique_ptr<SwsContext, SwsFree>;
using AvFormatPtr = std::unique_ptr<AVFormatContext, AvFree<avformat_close_input>>;
using AvioPtr = std::unique_ptr<AVIOContext, AvioFree>;
using AvPacketPtr = std::unique_ptr<AVPacket, AvFree<av_packet_free>>;
using AvFramePtr = std::unique_ptr<AVFrame, AvFree<av_frame_free>>;
using AvCodecPtr = std::unique_ptr<AVCodecContext, AvFree<avcodec_free_context>>;

/// What FFmpeg says of a negative result.
std::string av_error(int result);

/// FFmpeg writes nothing from now on; what is wrong is in our errors.
void silence_ffmpeg();

/// The sound or picture track of a file in memory. Nothing but these bytes is ever opened, whatever
/// the file refers to; one thread; no output. Every error is a DataError that starts with `name`.
class Container {
 public:
  /// The best track of `kind` (AVMEDIA_TYPE_AUDIO or _VIDEO; cover pictures are no video).
  Container(std::span<const std::byte> bytes, std::string_view name, AVMediaType kind);
  Container(const Container&) = delete;
  Container& operator=(const Container&) = delete;

  AVStream& stream() const { return *stream_; }
  double seconds_per_tick() const { return av_q2d(stream_->time_base); }

  /// The next packet of the track; false at the end.
  bool read(AVPacket& packet);

  /// The next decoded frame, valid until the next call; nullptr at the end.
  const AVFrame* decode();

  /// Goes on with the last key frame at or before `ticks` if the file's index knows one after
  /// `now`, in ticks; false, and nothing is changed, if not.
  bool skip_towards(int64_t ticks, int64_t now);

  [[noreturn]] void fail(std::string_view finding) const;

 private:
  void open();
  void open_decoder();

  static int read_bytes(void* self, uint8_t* out, int size);
  static int64_t move_to(void* self, int64_t offset, int whence);

  std::span<const std::byte> bytes_;
  int64_t position_ = 0;
  std::string name_;
  std::string kind_;     // "audio"
  std::string article_;  // "an audio"
  AvioPtr io_;
  AvFormatPtr format_;
  AVStream* stream_ = nullptr;
  AvCodecPtr decoder_;
  AvPacketPtr packet_;
  AvFramePtr frame_;
};

}  // namespace reka::data
