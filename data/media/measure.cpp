#include "data/media/measure.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include <c10/util/Exception.h>
#include <ebur128.h>
#include <opencv2/imgproc.hpp>

#include "data/media/audio.h"
#include "data/media/image.h"
#include "data/media/video.h"
#include "reka/base/files.h"

namespace reka::data {
namespace {

constexpr int kHeardRate = 16000;
constexpr size_t kQuietWindow = kHeardRate / 50;
constexpr double kSilence = 0.0031622776601683795;  // -50 dB
constexpr double kCutDifference = 27;
constexpr int64_t kFramesBetweenCuts = 15;
constexpr int64_t kFramesCompared = 900;
constexpr int64_t kComparedSide = 128;

constexpr std::array<MediaMeasure, 9> kMeasures = {{
    {"width", 1, "pixels"},
    {"height", 1, "pixels"},
    {"aspect", 1, "the longer side over the shorter"},
    {"blur", 1,
     "variance of the Laplacian of the picture, or of the clip's middle frame: low is blurred"},
    {"seconds", 1, "length of a clip or sound"},
    {"scene_cuts", 1,
     "frames of a clip whose content differs from the one before by 27 or more, 15 frames apart"},
    {"difference", 1, "mean content difference of neighbouring frames: low stands still"},
    {"loudness", 1, "LUFS by EBU R 128, mono at 16 kHz"},
    {"silence", 1, "share of windows of 20 ms below -50 dB"},
}};

// Interleaved bytes, as OpenCV has pictures.
cv::Mat interleaved(const at::Tensor& image) {
  const auto pixels = image.permute({1, 2, 0}).contiguous();  // [H, W, 3]
  return cv::Mat(static_cast<int>(pixels.size(0)), static_cast<int>(pixels.size(1)), CV_8UC3,
                 pixels.data_ptr())
      .clone();
}

cv::Mat hue_saturation_value(const at::Tensor& frame) {
  cv::Mat converted;
  cv::cvtColor(interleaved(frame), converted, cv::COLOR_RGB2HSV);
  return converted;
}

double difference_of(const cv::Mat& before, const cv::Mat& after) {
  cv::Mat absolute;
  cv::absdiff(before, after, absolute);
  const auto means = cv::mean(absolute);
  return (means[0] + means[1] + means[2]) / 3;
}

float& at_name(std::vector<float>& values, std::string_view name) {
  return values[media_measure(name)];
}

void measure_size(const Geometry& geometry, std::vector<float>& values) {
  at_name(values, "width") = static_cast<float>(geometry.width);
  at_name(values, "height") = static_cast<float>(geometry.height);
  const auto [shorter, longer] = std::minmax(geometry.width, geometry.height);
  if (shorter > 0)
    at_name(values, "aspect") = static_cast<float>(longer) / static_cast<float>(shorter);
}

void measure_video(const MediaFile& file, std::vector<float>& values) {
  const auto frames = std::min<int64_t>(file.geometry.frames, kFramesCompared);
  std::vector<float> times;
  for (int64_t n = 0; n < frames; ++n) {
    times.push_back(static_cast<float>(file.geometry.seconds * static_cast<double>(n) /
                                       static_cast<double>(frames)));
  }
  std::vector<double> differences;
  cv::Mat before;
  int64_t number = 0;
  decode_frames(as_bytes(file.bytes), times, file.name, [&](const at::Tensor& frame) {
    if (number++ == frames / 2)
      at_name(values, "blur") = static_cast<float>(laplacian_variance(frame));
    cv::Mat small;
    cv::resize(interleaved(frame), small, cv::Size(kComparedSide, kComparedSide), 0, 0,
               cv::INTER_AREA);
    cv::cvtColor(small, small, cv::COLOR_RGB2HSV);
    if (!before.empty()) differences.push_back(difference_of(before, small));
    before = small;
    return at::Tensor();
  });
  at_name(values, "scene_cuts") = static_cast<float>(count_scene_cuts(differences));
  double sum = 0;
  for (const auto difference : differences) sum += difference;
  if (!differences.empty())
    at_name(values, "difference") =
        static_cast<float>(sum / static_cast<double>(differences.size()));
}

}  // namespace

std::span<const MediaMeasure> media_measures() {
  return kMeasures;
}

size_t media_measure(std::string_view name) {
  const auto* found = std::ranges::find(kMeasures, name, &MediaMeasure::name);
  TORCH_CHECK(found != kMeasures.end(), "media_measure: no measure ", name);
  return static_cast<size_t>(found - kMeasures.begin());
}

std::vector<float> measure_media(const MediaFile& file) {
  std::vector<float> values(kMeasures.size(), std::numeric_limits<float>::quiet_NaN());
  if (file.modality != Modality::kAudio) measure_size(file.geometry, values);
  if (file.modality != Modality::kImage)
    at_name(values, "seconds") = static_cast<float>(file.geometry.seconds);
  if (file.modality == Modality::kImage) {
    at_name(values, "blur") =
        static_cast<float>(laplacian_variance(decode_image(as_bytes(file.bytes), file.name)));
  } else if (file.modality == Modality::kVideo) {
    measure_video(file, values);
  } else {
    const auto samples = decode_audio(as_bytes(file.bytes), file.name);
    at_name(values, "loudness") = static_cast<float>(integrated_loudness(samples));
    at_name(values, "silence") = static_cast<float>(silence_share(samples));
  }
  return values;
}

double laplacian_variance(const at::Tensor& image) {
  cv::Mat grey, edges;
  cv::cvtColor(interleaved(image), grey, cv::COLOR_RGB2GRAY);
  cv::Laplacian(grey, edges, CV_64F);
  cv::Scalar mean, deviation;
  cv::meanStdDev(edges, mean, deviation);
  return deviation[0] * deviation[0];
}

double integrated_loudness(std::span<const float> samples) {
  const auto free = [](ebur128_state* state) { ebur128_destroy(&state); };
  const std::unique_ptr<ebur128_state, decltype(free)> state(
      ebur128_init(1, kHeardRate, EBUR128_MODE_I), free);
  TORCH_CHECK(state != nullptr && ebur128_add_frames_float(state.get(), samples.data(),
                                                           samples.size()) == EBUR128_SUCCESS,
              "integrated_loudness: libebur128 has no memory");
  double loudness = 0;
  TORCH_CHECK(ebur128_loudness_global(state.get(), &loudness) == EBUR128_SUCCESS,
              "integrated_loudness: libebur128 fails");
  return loudness;
}

double silence_share(std::span<const float> samples) {
  int64_t silent = 0, windows = 0;
  for (; samples.size() >= kQuietWindow; samples = samples.subspan(kQuietWindow)) {
    double sum = 0;
    for (const auto sample : samples.first(kQuietWindow)) sum += double{sample} * sample;
    silent += std::sqrt(sum / static_cast<double>(kQuietWindow)) < kSilence;
    ++windows;
  }
  return windows == 0 ? std::numeric_limits<double>::quiet_NaN()
                      : static_cast<double>(silent) / static_cast<double>(windows);
}

double content_difference(const at::Tensor& before, const at::Tensor& after) {
  return difference_of(hue_saturation_value(before), hue_saturation_value(after));
}

int64_t count_scene_cuts(std::span<const double> differences) {
  int64_t cuts = 0, since = 0;
  for (const auto difference : differences) {
    ++since;
    if (difference < kCutDifference || since < kFramesBetweenCuts) continue;
    ++cuts;
    since = 0;
  }
  return cuts;
}

}  // namespace reka::data
