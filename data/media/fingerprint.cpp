#include "data/media/fingerprint.h"

#include <algorithm>
#include <bit>

#include "data/media/audio.h"
#include "data/media/chromaprint.h"
#include "data/media/image.h"
#include "data/media/video.h"
#include "reka/base/files.h"

namespace reka::data {
namespace {

int64_t count_told(std::span<const PictureHash> frames) {
  return std::ranges::count_if(frames, [](const auto& hash) { return hash != PictureHash{}; });
}

// Places of `b` that have one in `a`.
struct Overlap {
  int64_t begin = 0;
  int64_t end = 0;

  template <typename T>
  Overlap(std::span<const T> a, std::span<const T> b, int64_t offset)
      : begin(std::max<int64_t>(0, -offset)),
        end(std::max(begin, std::min(std::ssize(b), std::ssize(a) - offset))) {}
};

}  // namespace

std::vector<float> fingerprint_times(double seconds) {
  std::vector<float> times;
  for (float time = 0.5F; time < static_cast<float>(seconds); ++time) times.push_back(time);
  if (times.empty()) times.push_back(static_cast<float>(seconds / 2));
  return times;
}

Fingerprint fingerprint_of_image(const at::Tensor& image) {
  const auto found = hash_picture(image);
  return {.modality = Modality::kImage,
          .pictures = {found.of.begin(), found.of.end()},
          .qualities = {static_cast<uint8_t>(found.quality)}};
}

Fingerprint fingerprint_of_sound(std::span<const float> samples) {
  return {.modality = Modality::kAudio, .items = chromaprint(samples)};
}

void add_frame(const at::Tensor& frame, Fingerprint& clip) {
  const auto found = hash_picture(frame);
  clip.pictures.push_back(found.of[0]);
  clip.qualities.push_back(static_cast<uint8_t>(found.quality));
}

Fingerprint fingerprint_of(const SampleMedia& medium, std::string_view name) {
  if (medium.modality == Modality::kImage)
    return fingerprint_of_image(decode_image(medium.bytes, name));
  if (medium.modality == Modality::kAudio)
    return fingerprint_of_sound(decode_audio(medium.bytes, name));
  Fingerprint clip{.modality = Modality::kVideo};
  decode_frames(medium.bytes, fingerprint_times(medium.geometry.seconds), name,
                [&](const at::Tensor& frame) {
                  add_frame(frame, clip);
                  return at::Tensor();
                });
  return clip;
}

Fingerprint fingerprint_of(const MediaFile& file) {
  return fingerprint_of(
      {.modality = file.modality, .geometry = file.geometry, .bytes = as_bytes(file.bytes)},
      file.name);
}

void forget_plain(Fingerprint& made, const LikenessConfig& config) {
  if (made.pictures.empty()) return;
  const auto is_plain = [&](size_t n) { return made.qualities[n] < config.min_quality; };
  if (made.modality == Modality::kImage) {
    if (is_plain(0)) made.pictures.clear();
    return;
  }
  for (size_t n = 0; n < made.pictures.size(); ++n) {
    if (is_plain(n)) made.pictures[n] = {};
  }
  if (count_told(made.pictures) == 0) made.pictures.clear();
}

bool are_alike(std::span<const PictureHash> a, std::span<const PictureHash> b, int64_t offset,
               const LikenessConfig& config) {
  const Overlap overlap(a, b, offset);
  int64_t alike = 0;
  for (auto n = overlap.begin; n < overlap.end; ++n) {
    const auto& one = a[static_cast<size_t>(n + offset)];
    const auto& other = b[static_cast<size_t>(n)];
    if (one == PictureHash{} || other == PictureHash{}) continue;
    alike += hamming_distance(one, other) <= config.distance ? 1 : 0;
  }
  const auto shorter = std::min(count_told(a), count_told(b));
  return alike > 0 &&
         static_cast<double>(alike) >= config.frame_share * static_cast<double>(shorter);
}

bool are_alike(std::span<const uint32_t> a, std::span<const uint32_t> b, int64_t offset,
               const LikenessConfig& config) {
  const Overlap overlap(a, b, offset);
  const auto items = overlap.end - overlap.begin;
  const auto shorter = std::min(a.size(), b.size());
  if (items == 0 ||
      static_cast<double>(items) < config.frame_share * static_cast<double>(shorter)) {
    return false;
  }
  int64_t errors = 0;
  for (auto n = overlap.begin; n < overlap.end; ++n) {
    errors += std::popcount(a[static_cast<size_t>(n + offset)] ^ b[static_cast<size_t>(n)]);
  }
  return static_cast<double>(errors) <= config.bit_error_rate * 32 * static_cast<double>(items);
}

}  // namespace reka::data
