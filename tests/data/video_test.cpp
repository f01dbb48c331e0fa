#include "data/media/video.h"

#include "data/media/clip.h"
#include "reka/base/error.h"
#include "reka/base/files.h"
#include "reka/model/media_input.h"
#include "tests/data/media_files.h"
#include "tests/support/message.h"
#include "tests/support/testing.h"

namespace reka::data {
namespace {

using reka::testing::colour_clip;
using reka::testing::golden;
using reka::testing::largest_difference;
using reka::testing::message_of;

using Colour = std::array<int, 3>;

Colour mean_colour(const at::Tensor& frame) {
  const auto mean = frame.to(at::kDouble).mean({1, 2});
  Colour colour{};
  for (size_t n = 0; n < 3; ++n)
    colour[n] = static_cast<int>(mean[static_cast<int64_t>(n)].item<double>() + 0.5);
  return colour;
}

bool near(const Colour& a, const Colour& b) {
  return std::abs(a[0] - b[0]) < 12 && std::abs(a[1] - b[1]) < 12 && std::abs(a[2] - b[2]) < 12;
}

const std::vector<Colour> kColours = {{255, 0, 0},   {0, 255, 0}, {0, 0, 255},   {255, 255, 0},
                                      {0, 255, 255}, {0, 0, 0},   {255, 0, 255}, {255, 255, 255}};

TEST_CASE("video: a composed clip has its size, frames and seconds", "[data][video]") {
  const auto clip = colour_clip(kColours, 48, 32, 4);
  const auto geometry = read_video_geometry(as_bytes(clip), "a.webm");
  CHECK(geometry.width == 48);
  CHECK(geometry.height == 32);
  CHECK(geometry.frames == 8);
  CHECK(geometry.seconds == Approx(2).margin(0.01));
}

TEST_CASE("video: the frames shown at the times come in order", "[data][video]") {
  const auto clip = colour_clip(kColours, 48, 32, 4);
  const auto geometry = read_video_geometry(as_bytes(clip), "a.webm");
  const auto times = sampled_times(geometry, {.num_frames = 8});
  const auto frames = decode_frames(as_bytes(clip), times, "a.webm");
  REQUIRE(frames.size() == 8);
  for (size_t n = 0; n < 8; ++n) {
    INFO("frame " << n);
    REQUIRE(frames[n].sizes() == at::IntArrayRef{3, 32, 48});
    CHECK(near(mean_colour(frames[n]), kColours[n]));
  }
  const auto four = decode_frames(as_bytes(clip), sampled_times(geometry, {.num_frames = 4}), "a");
  for (size_t n = 0; n < 4; ++n) CHECK(near(mean_colour(four[n]), kColours[2 * n + 1]));
}

TEST_CASE("video: times before the start and after the end give the first and last frame",
          "[data][video]") {
  const auto clip = colour_clip({{255, 0, 0}, {0, 0, 255}}, 32, 32, 2);
  const std::vector<float> times = {-1, 0, 0.49F, 0.5F, 0.51F, 100};
  const auto frames = decode_frames(as_bytes(clip), times, "a.webm");
  REQUIRE(frames.size() == 6);
  for (size_t n = 0; n < 6; ++n) {
    INFO("time " << times[n]);
    CHECK(near(mean_colour(frames[n]), n < 3 ? Colour{255, 0, 0} : Colour{0, 0, 255}));
  }
}

TEST_CASE("video: a clip of one frame repeats it", "[data][video]") {
  const auto clip = colour_clip({{0, 255, 0}}, 16, 16, 1);
  const auto geometry = read_video_geometry(as_bytes(clip), "a.webm");
  CHECK(geometry.frames == 1);
  CHECK(geometry.seconds > 0);
  const auto times = sampled_times(geometry, {.num_frames = 8, .temporal_pooling = 2});
  const auto frames = decode_frames(as_bytes(clip), times, "a.webm");
  REQUIRE(frames.size() == 2);
  CHECK(near(mean_colour(frames[1]), {0, 255, 0}));
}

TEST_CASE("video: far frames of a long clip are reached by key frames", "[data][video]") {
  std::vector<Colour> colours;
  for (int n = 0; n < 100; ++n) colours.push_back({n * 2, 255 - n * 2, 128});
  const auto clip = colour_clip(colours, 32, 32, 2);  // 50 s
  const std::vector<float> times = {0.25F, 10.25F, 30.25F, 49.75F};
  const auto frames = decode_frames(as_bytes(clip), times, "a.webm");
  for (size_t n = 0; n < times.size(); ++n) {
    INFO("time " << times[n]);
    CHECK(near(mean_colour(frames[n]), colours[static_cast<size_t>(times[n] * 2)]));
  }
}

TEST_CASE("video: MP4 decodes to the frames that were coded", "[data][video]") {
  const auto clip = golden("clip.mp4");
  const auto geometry = read_video_geometry(as_bytes(clip), "clip.mp4");
  CHECK(geometry.width == 32);
  CHECK(geometry.height == 16);
  CHECK(geometry.frames == 8);
  CHECK(geometry.seconds == Approx(0.8));
  const auto frames =
      decode_frames(as_bytes(clip), sampled_times(geometry, {.num_frames = 8}), "clip.mp4");
  for (size_t n = 0; n < 8; ++n) {
    INFO("frame " << n);
    CHECK(near(mean_colour(frames[n].narrow(1, 0, 6)), {static_cast<int>(n) * 32, 0, 0}));
    CHECK(near(mean_colour(frames[n].narrow(1, 10, 6)), {static_cast<int>(n) * 32, 255, 0}));
  }
}

TEST_CASE("video: a turned camera is shown upright", "[data][video]") {
  const auto upright = golden("clip.mp4");
  // tkhd, version 0: the matrix is 40 bytes after the name; fixed point 16.16, big-endian.
  const auto matrix = upright.find("tkhd") + 4 + 40;
  auto turned = upright;
  const std::string one("\0\1\0\0", 4), minus_one("\xff\xff\0\0", 4), zero(4, '\0');
  turned.replace(matrix, 4, zero);
  turned.replace(matrix + 4, 4, one);
  turned.replace(matrix + 12, 4, minus_one);
  turned.replace(matrix + 16, 4, zero);
  const auto geometry = read_video_geometry(as_bytes(turned), "clip.mp4");
  CHECK(geometry.width == 16);
  CHECK(geometry.height == 32);
  const std::vector<float> times = {0.05F};
  const auto before = decode_frames(as_bytes(upright), times, "a")[0];
  const auto after = decode_frames(as_bytes(turned), times, "a")[0];
  CHECK(largest_difference(after, at::rot90(before, -1, {1, 2})) == 0);  // clockwise
}

TEST_CASE("video: equal frames give equal bytes", "[data][video]") {
  CHECK(colour_clip(kColours, 48, 32, 4) == colour_clip(kColours, 48, 32, 4));
}

TEST_CASE("video: what is no video is refused with its name", "[data][video]") {
  const auto finding = [](std::string_view bytes) {
    return message_of<DataError>([&] { read_video_geometry(as_bytes(bytes), "a.webm"); });
  };
  CHECK(finding("") == "a.webm: empty: must be a video file");
  CHECK(finding("no video") == "a.webm: unknown format: must be a video file that FFmpeg reads");
  CHECK(finding(golden("tone.ogg")) == "a.webm: has no video track: must have one");
  const auto clip = colour_clip(kColours, 48, 32, 4);
  CHECK(finding(clip.substr(0, clip.size() / 2)) ==
        "a.webm: video is truncated: must be a whole file");
  const auto mp4 = golden("clip.mp4");
  CHECK(finding(mp4.substr(0, mp4.size() / 2)) ==
        "a.webm: video is truncated: must be a whole file");
}

}  // namespace
}  // namespace reka::data
