#include "data/media/audio.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include <fmt/format.h>

#include "data/media/container.h"
#include "reka/model/media_input.h"

extern "C" {
#include <libavutil/opt.h>
#include <libswresample/swresample.h>
}

namespace reka::data {
namespace {

constexpr int64_t kMaxSeconds = 3600;  // of one clip: 230 MB of samples
constexpr int64_t kTail = 4096;        // room for what the resampler still holds

using SwrPtr = std::unique_ptr<SwrContext, AvFree<swr_free>>;

/// Frames -> mono at 16 kHz. Where the format changes, as in chained Ogg files, a new part begins.
class Resampler {
 public:
  explicit Resampler(const Container& container) : container_(container) {}

  void add(const AVFrame& frame) {
    const auto same = frame.sample_rate == rate_ && frame.format == format_ &&
                      frame.ch_layout.nb_channels == channels_;
    if (!same) end_part();
    if (!swr_) open(frame);
    in_ += frame.nb_samples;
    if (std::ssize(samples_) > kMaxSeconds * kSampleRate)
      container_.fail(fmt::format("audio is too long: must be at most {} s", kMaxSeconds));
    convert(const_cast<const uint8_t**>(frame.extended_data), frame.nb_samples);
  }

  std::vector<float> finish() {
    end_part();
    if (samples_.empty()) container_.fail("audio has no samples: must have some");
    if (!std::ranges::all_of(samples_, [](float x) { return std::isfinite(x); }))
      container_.fail("audio holds samples that are not numbers");
    for (auto& sample : samples_) sample = std::clamp(sample, -1.0F, 1.0F);
    return std::move(samples_);
  }

 private:
  void open(const AVFrame& frame) {
    rate_ = frame.sample_rate;
    format_ = frame.format;
    channels_ = frame.ch_layout.nb_channels;
    if (rate_ <= 0 || channels_ <= 0) container_.fail("audio has no sample rate or channels");
    AVChannelLayout from{}, mono{};
    av_channel_layout_default(&mono, 1);
    if (frame.ch_layout.order == AV_CHANNEL_ORDER_UNSPEC)
      av_channel_layout_default(&from, channels_);
    else
      av_channel_layout_copy(&from, &frame.ch_layout);
    SwrContext* swr = nullptr;
    swr_alloc_set_opts2(&swr, &mono, AV_SAMPLE_FMT_FLT, kSampleRate, &from,
                        static_cast<AVSampleFormat>(format_), rate_, 0, nullptr);
    swr_.reset(swr);
    av_channel_layout_uninit(&from);
    // Weights that sum to 1, as for integers; else two equal channels would be 3 dB louder than
    // one.
    if (swr != nullptr) av_opt_set_double(swr, "rematrix_maxval", 1, 0);
    if (swr == nullptr || swr_init(swr) < 0)
      container_.fail(
          fmt::format("audio of {} channels at {} Hz cannot be resampled", channels_, rate_));
  }

  void end_part() {
    if (!swr_) return;
    convert(nullptr, 0);
    samples_.resize(part_begin_ + static_cast<size_t>((in_ * kSampleRate + rate_ - 1) / rate_), 0);
    part_begin_ = samples_.size();
    in_ = 0;
    swr_.reset();
  }

  // in = nullptr: what is left.
  void convert(const uint8_t** in, int count) {
    const auto room = static_cast<int64_t>(count) * kSampleRate / rate_ + kTail;
    const auto before = samples_.size();
    samples_.resize(before + static_cast<size_t>(room));
    auto* out = reinterpret_cast<uint8_t*>(samples_.data() + before);
    const auto made = swr_convert(swr_.get(), &out, static_cast<int>(room), in, count);
    if (made < 0) container_.fail("audio cannot be resampled: " + av_error(made));
    samples_.resize(before + static_cast<size_t>(made));
  }

  const Container& container_;
  SwrPtr swr_;
  std::vector<float> samples_;
  size_t part_begin_ = 0;
  int64_t in_ = 0;  // samples of this part, at rate_
  int rate_ = 0, format_ = 0, channels_ = 0;
};

}  // namespace

std::vector<float> decode_audio(std::span<const std::byte> bytes, std::string_view name) {
  Container container(bytes, name, AVMEDIA_TYPE_AUDIO);
  Resampler resampler(container);
  while (const auto* frame = container.decode()) resampler.add(*frame);
  return resampler.finish();
}

Geometry read_audio_geometry(std::span<const std::byte> bytes, std::string_view name) {
  const auto samples = static_cast<double>(decode_audio(bytes, name).size());
  return {.seconds = samples / kSampleRate};
}

}  // namespace reka::data
