#include "data/media/measure.h"

#include <cmath>
#include <memory>

#include <ATen/ops/empty.h>
#include <c10/util/Exception.h>
#include <ebur128.h>
#include <opencv2/imgproc.hpp>

namespace reka::data {
namespace {

constexpr int kHeardRate = 16000;
constexpr size_t kQuietWindow = kHeardRate / 50;
constexpr double kSilence = 0.0031622776601683795;  // -50 dB
constexpr double kCutDifference = 27;
constexpr int64_t kFramesBetweenCuts = 15;
constexpr int kComparedSide = 128;

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

}  // namespace

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

at::Tensor small_frame(const at::Tensor& frame) {
  auto small = at::empty({kComparedSide, kComparedSide, 3}, at::kByte);
  cv::Mat pixels(kComparedSide, kComparedSide, CV_8UC3, small.data_ptr());
  cv::resize(interleaved(frame), pixels, pixels.size(), 0, 0, cv::INTER_AREA);
  return small.permute({2, 0, 1});
}

}  // namespace reka::data
