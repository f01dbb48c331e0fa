#include "data/media/container.h"

#include <algorithm>
#include <array>
#include <cstring>

#include <fmt/format.h>

#include "data/media/truncation.h"
#include "reka/base/error.h"

namespace reka::data {
namespace {

constexpr int kBufferBytes = 1 << 16;
constexpr int64_t kMaxFramePixels = int64_t{1} << 25;  // 8192 x 4096

// Formats that hold sound or pictures themselves: no playlists, no lists of other files.
constexpr const char* kFormats =
    "aac,ac3,aiff,amr,apng,asf,au,avi,caf,flac,flv,gif,ivf,m4v,matroska,mov,mp3,mpeg,mpegts,"
    "mpegvideo,ogg,w64,wav,wv";

int refuse_to_open(AVFormatContext*, AVIOContext**, const char*, int, AVDictionary**) {
  return AVERROR(EPERM);
}

}  // namespace

std::string av_error(int result) {
  std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
  av_strerror(result, text.data(), text.size());
  return text.data();
}

void silence_ffmpeg() {
  static const bool quiet = (av_log_set_level(AV_LOG_QUIET), true);
  static_cast<void>(quiet);
}

Container::Container(std::span<const std::byte> bytes, std::string_view name, AVMediaType kind)
    : bytes_(bytes),
      name_(name),
      kind_(kind == AVMEDIA_TYPE_AUDIO ? "audio" : "video"),
      article_(kind == AVMEDIA_TYPE_AUDIO ? "an audio" : "a video"),
      packet_(av_packet_alloc()),
      frame_(av_frame_alloc()) {
  silence_ffmpeg();
  if (bytes.empty()) fail("empty: must be " + article_ + " file");
  if (is_truncated(bytes)) fail(kind_ + " is truncated: must be a whole file");
  open();
  const auto index = av_find_best_stream(format_.get(), kind, -1, -1, nullptr, 0);
  if (index >= 0) stream_ = format_->streams[index];
  if (index < 0 || (stream_->disposition & AV_DISPOSITION_ATTACHED_PIC) != 0)
    fail("has no " + kind_ + " track: must have one");
}

void Container::open() {
  auto* buffer = static_cast<uint8_t*>(av_malloc(kBufferBytes));
  io_.reset(avio_alloc_context(buffer, kBufferBytes, 0, this, read_bytes, nullptr, move_to));
  auto* format = avformat_alloc_context();
  format->pb = io_.get();
  format->io_open = refuse_to_open;
  format->error_recognition = AV_EF_CRCCHECK;
  AVDictionary* options = nullptr;
  av_dict_set(&options, "format_whitelist", kFormats, 0);
  const auto opened = avformat_open_input(&format, nullptr, nullptr, &options);  // frees on error
  av_dict_free(&options);
  if (opened < 0) fail("unknown format: must be " + article_ + " file that FFmpeg reads");
  format_.reset(format);
  const auto found = avformat_find_stream_info(format, nullptr);
  if (found < 0) fail(kind_ + " cannot be read: " + av_error(found));
}

bool Container::read(AVPacket& packet) {
  for (;;) {
    av_packet_unref(&packet);
    const auto result = av_read_frame(format_.get(), &packet);
    if (result == AVERROR_EOF) return false;
    if (result < 0) fail(kind_ + " is damaged: " + av_error(result));
    if (packet.stream_index != stream_->index) continue;
    if ((packet.flags & AV_PKT_FLAG_CORRUPT) != 0) fail(kind_ + " is damaged: a packet is cut");
    return true;
  }
}

void Container::open_decoder() {
  const auto* codec = avcodec_find_decoder(stream_->codecpar->codec_id);
  if (codec == nullptr)
    fail(fmt::format("{} is coded as {}: must be a codec that FFmpeg decodes", kind_,
                     avcodec_get_name(stream_->codecpar->codec_id)));
  decoder_.reset(avcodec_alloc_context3(codec));
  auto result = avcodec_parameters_to_context(decoder_.get(), stream_->codecpar);
  decoder_->pkt_timebase = stream_->time_base;
  decoder_->thread_count = 1;
  decoder_->max_pixels = kMaxFramePixels;
  decoder_->err_recognition = AV_EF_CRCCHECK;
  if (result >= 0) result = avcodec_open2(decoder_.get(), codec, nullptr);
  if (result < 0) fail(kind_ + " cannot be decoded: " + av_error(result));
}

const AVFrame* Container::decode() {
  if (!decoder_) open_decoder();
  for (;;) {
    const auto received = avcodec_receive_frame(decoder_.get(), frame_.get());
    if (received == 0) return frame_.get();
    if (received == AVERROR_EOF) return nullptr;
    if (received != AVERROR(EAGAIN)) fail(kind_ + " cannot be decoded: " + av_error(received));
    const auto more = read(*packet_);
    const auto sent = avcodec_send_packet(decoder_.get(), more ? packet_.get() : nullptr);
    if (sent < 0 && sent != AVERROR_EOF) fail(kind_ + " cannot be decoded: " + av_error(sent));
  }
}

bool Container::skip_towards(int64_t ticks, int64_t now) {
  const auto* entry = avformat_index_get_entry_from_timestamp(stream_, ticks, AVSEEK_FLAG_BACKWARD);
  if (entry == nullptr || entry->timestamp <= now) return false;
  if (av_seek_frame(format_.get(), stream_->index, entry->timestamp, AVSEEK_FLAG_BACKWARD) < 0)
    return false;
  avcodec_flush_buffers(decoder_.get());
  return true;
}

void Container::fail(std::string_view finding) const {
  throw DataError("{}: {}", name_, finding);
}

int Container::read_bytes(void* self, uint8_t* out, int size) {
  auto& container = *static_cast<Container*>(self);
  const auto left = static_cast<int64_t>(container.bytes_.size()) - container.position_;
  const auto count = std::min<int64_t>(left, size);
  if (count <= 0) return AVERROR_EOF;
  std::memcpy(out, container.bytes_.data() + container.position_, static_cast<size_t>(count));
  container.position_ += count;
  return static_cast<int>(count);
}

int64_t Container::move_to(void* self, int64_t offset, int whence) {
  auto& container = *static_cast<Container*>(self);
  const auto size = static_cast<int64_t>(container.bytes_.size());
  if (whence == AVSEEK_SIZE) return size;
  const auto base = whence == SEEK_CUR ? container.position_ : whence == SEEK_END ? size : 0;
  const auto target = base + offset;
  if (target < 0 || target > size) return AVERROR(EINVAL);
  container.position_ = target;
  return target;
}

}  // namespace reka::data
