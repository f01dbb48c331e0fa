#include "data/media/examine.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "data/media/audio.h"
#include "data/media/image.h"
#include "data/media/video.h"
#include "reka/base/files.h"

namespace reka::data {
namespace {

constexpr int64_t kFramesCompared = 900;

struct WantedFrame {
  float time = 0;
  bool for_measures = false;
  bool for_fingerprint = false;
};

// By time; a frame that both want may come twice.
std::vector<WantedFrame> wanted_frames(const Geometry& geometry) {
  std::vector<WantedFrame> wanted;
  const auto frames = std::min<int64_t>(geometry.frames, kFramesCompared);
  for (int64_t n = 0; n < frames; ++n) {
    const auto time = geometry.seconds * static_cast<double>(n) / static_cast<double>(frames);
    wanted.push_back({.time = static_cast<float>(time), .for_measures = true});
  }
  for (const auto time : fingerprint_times(geometry.seconds))
    wanted.push_back({.time = time, .for_fingerprint = true});
  std::ranges::stable_sort(wanted, {}, &WantedFrame::time);
  return wanted;
}

void examine_clip(const MediaFile& file, ExaminedMedia& found) {
  const auto wanted = wanted_frames(file.geometry);
  std::vector<float> times;
  times.reserve(wanted.size());
  for (const auto& frame : wanted) times.push_back(frame.time);
  const auto measured = std::ranges::count_if(wanted, &WantedFrame::for_measures);
  std::vector<double> differences;
  at::Tensor before;
  int64_t number = 0;
  const auto* next = wanted.data();
  decode_frames(as_bytes(file.bytes), times, file.name, [&](const at::Tensor& frame) {
    const auto& use = *next++;
    if (use.for_fingerprint) add_frame(frame, found.fingerprint);
    if (!use.for_measures) return at::Tensor();
    if (number++ == measured / 2)
      found.measures.blur = static_cast<float>(laplacian_variance(frame));
    auto small = small_frame(frame);
    if (before.defined()) differences.push_back(content_difference(before, small));
    before = std::move(small);
    return at::Tensor();
  });
  found.measures.scene_cuts = static_cast<float>(count_scene_cuts(differences));
  const auto sum = std::accumulate(differences.begin(), differences.end(), 0.0);
  if (!differences.empty())
    found.measures.difference = static_cast<float>(sum / static_cast<double>(differences.size()));
}

}  // namespace

ExaminedMedia examine_media(const MediaFile& file) {
  ExaminedMedia found{.fingerprint = {.modality = file.modality}};
  if (file.modality == Modality::kImage) {
    const auto image = decode_image(as_bytes(file.bytes), file.name);
    found.measures.blur = static_cast<float>(laplacian_variance(image));
    found.fingerprint = fingerprint_of_image(image);
  } else if (file.modality == Modality::kVideo) {
    examine_clip(file, found);
  } else {
    const auto samples = decode_audio(as_bytes(file.bytes), file.name);
    found.measures.loudness = static_cast<float>(integrated_loudness(samples));
    found.measures.silence = static_cast<float>(silence_share(samples));
    found.fingerprint = fingerprint_of_sound(samples);
  }
  return found;
}

}  // namespace reka::data
