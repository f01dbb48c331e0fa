#include "data/media/audio.h"

#include <cmath>
#include <complex>
#include <cstring>
#include <numbers>

#include "data/media/mel.h"
#include "reka/base/error.h"
#include "reka/base/files.h"
#include "reka/model/media_input.h"
#include "tests/data/media_files.h"
#include "tests/support/message.h"
#include "tests/support/testing.h"

namespace reka::data {
namespace {

using reka::testing::golden;
using reka::testing::largest_difference;
using reka::testing::message_of;
using reka::testing::wav;
using reka::testing::Wave;

// The part of a signal at a frequency, its edges left out: amplitude and phase.
std::complex<double> part_at(const std::vector<float>& samples, double hz) {
  std::complex<double> sum = 0;
  const auto edge = samples.size() / 10;
  for (auto n = edge; n < samples.size() - edge; ++n)
    sum += static_cast<double>(samples[n]) *
           std::polar(1.0, -2 * std::numbers::pi * hz * static_cast<double>(n) / 16000);
  return sum * 2.0 / static_cast<double>(samples.size() - 2 * edge);
}

TEST_CASE("audio: WAV at 16 kHz is given back as it is", "[data][audio]") {
  const auto samples = decode_audio(as_bytes(wav({.samples = 999})), "a.wav");
  REQUIRE(samples.size() == 999);
  for (size_t n = 0; n < samples.size(); ++n) {
    const auto phase = 2 * std::numbers::pi * 440 * static_cast<double>(n) / 16000;
    REQUIRE(samples[n] == Approx(0.5 * std::sin(phase)).margin(1e-4));
  }
}

TEST_CASE("audio: channels are averaged and any rate becomes 16 kHz in place", "[data][audio]") {
  for (const int rate : {8000, 11025, 22050, 44100, 48000}) {
    INFO(rate << " Hz");
    const Wave wave{.rate = rate, .samples = rate / 2 + 1, .amplitudes = {0.5, 0.25}};
    const auto samples = decode_audio(as_bytes(wav(wave)), "a.wav");
    CHECK(samples.size() == static_cast<size_t>((wave.samples * 16000 + rate - 1) / rate));
    const auto part = part_at(samples, 440);
    CHECK(std::abs(part) == Approx(0.375).epsilon(0.01));
    CHECK(std::arg(part) == Approx(-std::numbers::pi / 2).margin(0.02));  // a sine from sample 0
  }
}

TEST_CASE("audio: Ogg, MP3 and FLAC decode to the tone that was coded", "[data][audio]") {
  for (const std::string name : {"tone.ogg", "tone.mp3", "tone.flac"}) {
    INFO(name);
    const auto bytes = golden(name);
    const auto samples = decode_audio(as_bytes(bytes), name);
    CHECK(std::abs(static_cast<double>(samples.size()) - 8000) < 600);
    CHECK(std::abs(part_at(samples, 440)) == Approx(0.375).epsilon(0.05));
    CHECK(std::abs(part_at(samples, 1000)) < 0.01);
    const auto geometry = read_audio_geometry(as_bytes(bytes), name);
    CHECK(std::llround(geometry.seconds * 16000) == std::ssize(samples));
  }
}

TEST_CASE("audio: the length of long sound is exact to a sample", "[data][audio]") {
  for (const int samples : {16000 * 1100 + 1, 16000 * 1100 + 2}) {
    const auto geometry = read_audio_geometry(as_bytes(wav({.samples = samples})), "long.wav");
    CHECK(std::llround(geometry.seconds * 16000) == samples);
  }
}

TEST_CASE("audio: chained parts of an Ogg file follow each other", "[data][audio]") {
  const auto one = golden("tone.ogg");
  const auto once = decode_audio(as_bytes(one), "a.ogg");
  const auto twice = decode_audio(as_bytes(one + one), "a.ogg");
  CHECK(std::abs(std::ssize(twice) - 2 * std::ssize(once)) < 600);  // a Vorbis block
}

// 11025 samples of mono at 22050 Hz, then 22050 of stereo at 44100 Hz (tests/peers/chained.py).
TEST_CASE("audio: chained parts may differ in rate and channels", "[data][audio]") {
  const auto samples = decode_audio(as_bytes(golden("chained.ogg")), "a.ogg");
  CHECK(std::abs(static_cast<double>(samples.size()) - 16000) < 600);  // a Vorbis block
  const std::vector<float> first(samples.begin(), samples.begin() + 7500);
  const std::vector<float> second(samples.end() - 7500, samples.end());
  CHECK(std::abs(part_at(first, 440)) == Approx(0.5).epsilon(0.05));
  CHECK(std::abs(part_at(second, 440)) == Approx(0.5).epsilon(0.05));
}

TEST_CASE("audio: what is no sound is refused with its name", "[data][audio]") {
  const auto finding = [](std::string_view bytes) {
    return message_of<DataError>([&] { decode_audio(as_bytes(bytes), "a.ogg"); });
  };
  CHECK(finding("") == "a.ogg: empty: must be an audio file");
  CHECK(finding("plain text, no sound") ==
        "a.ogg: unknown format: must be an audio file that FFmpeg reads");
  CHECK(finding(golden("clip.mp4")) == "a.ogg: has no audio track: must have one");
  CHECK(finding(golden("tone.ogg").substr(0, 4000)) ==
        "a.ogg: audio is truncated: must be a whole file");
  CHECK(finding(wav({}).substr(0, 4000)) == "a.ogg: audio is truncated: must be a whole file");
  CHECK(finding(wav({.samples = 0})) == "a.ogg: audio has no samples: must have some");
  CHECK(finding("#EXTM3U\nfile:///etc/passwd\n") ==
        "a.ogg: unknown format: must be an audio file that FFmpeg reads");
}

// The signal of tests/peers/mel.py.
std::vector<float> peer_signal() {
  constexpr size_t kSamples = 24123;
  std::vector<float> samples;
  uint64_t state = 12345;
  for (size_t n = 0; n < kSamples; ++n) {
    state = (state * 1103515245 + 12345) % (uint64_t{1} << 31);
    const auto noise = static_cast<double>(state) / (1 << 30) - 1;
    const auto t = static_cast<double>(n) / 16000;
    const auto x = 0.5 * std::sin(2 * std::numbers::pi * (220 + 1500 * t) * t) + 0.01 * noise;
    samples.push_back(static_cast<float>(n < kSamples * 3 / 4 ? x : x * 0.001));
  }
  return samples;
}

TEST_CASE("mel: padded to 30 s it equals transformers' WhisperFeatureExtractor", "[data][mel]") {
  const std::vector<int64_t> columns = {0,   1,   2,   3,   10,  37,  75,   101,
                                        148, 149, 150, 151, 152, 153, 1500, 2999};
  for (const int64_t mels : {80, 128}) {
    const auto bytes = golden("mel" + std::to_string(mels) + ".f32");
    auto want = at::empty({mels, static_cast<int64_t>(columns.size())}, at::kFloat);
    REQUIRE(bytes.size() == want.nbytes());
    std::memcpy(want.mutable_data_ptr(), bytes.data(), bytes.size());
    const auto got = log_mel(peer_signal(), mels, 480000);
    REQUIRE(got.sizes() == at::IntArrayRef{mels, 3000});
    for (size_t n = 0; n < columns.size(); ++n) {
      INFO("mels " << mels << " column " << columns[n]);
      CHECK(largest_difference(got.select(1, columns[n]), want.select(1, static_cast<int64_t>(n))) <
            1e-5);
    }
  }
}

TEST_CASE("mel: equals its formula, summed term by term", "[data][mel]") {
  auto samples = peer_signal();
  samples.resize(801);  // filled up to 960 samples: 6 columns
  const auto got = log_mel(samples, 8);
  REQUIRE(got.sizes() == at::IntArrayRef{8, 6});
  samples.resize(960, 0);
  const auto filters = mel_filters(8);
  auto want = at::empty({8, 6}, at::kDouble);
  for (int64_t column = 0; column < 6; ++column) {
    auto energy = at::full({8}, 0.0, at::kDouble);
    for (int64_t bin = 0; bin <= 200; ++bin) {
      std::complex<double> sum = 0;
      for (int64_t n = 0; n < 400; ++n) {
        auto at = std::abs(column * 160 + n - 200);  // reflected at the start
        if (at > 959) at = 2 * 959 - at;             // and at the end
        const auto hann = 0.5 - 0.5 * std::cos(2 * std::numbers::pi * static_cast<double>(n) / 400);
        const auto angle = -2 * std::numbers::pi * static_cast<double>(n * bin) / 400;
        sum +=
            hann * static_cast<double>(samples[static_cast<size_t>(at)]) * std::polar(1.0, angle);
      }
      energy += filters.select(1, bin) * std::norm(sum);
    }
    want.select(1, column).copy_(energy.clamp_min(1e-10).log10());
  }
  want = (want.clamp_min(want.max().item<double>() - 8) + 4) / 4;
  CHECK(largest_difference(got, want) < 1e-6);
}

TEST_CASE("mel: filters have area 1 in hertz and cover the band", "[data][mel]") {
  for (const int64_t mels : {80, 128}) {
    const auto filters = mel_filters(mels);
    CHECK((filters >= 0).all().item<bool>());
    CHECK((filters.sum(1) > 0).all().item<bool>());
    // Only the wide filters hold enough bins, 40 Hz apart, for the sum to be the area.
    CHECK(filters[mels - 1].sum().item<double>() * 40 == Approx(1).epsilon(0.02));
  }
}

TEST_CASE("mel: columns follow the length, and silence is finite", "[data][mel]") {
  for (const size_t count : {0, 1, 160, 319, 320, 321, 480, 16000, 16001}) {
    const std::vector<float> silence(count, 0);
    const auto mel = log_mel(silence, 80);
    const Geometry geometry{.seconds = static_cast<double>(count) / 16000};
    REQUIRE(mel.sizes() == at::IntArrayRef{80, mel_frames(geometry)});
    CHECK(largest_difference(mel, at::full({}, -1.5)) < 1e-6);  // (log10(1e-10) + 4) / 4
  }
}

}  // namespace
}  // namespace reka::data
