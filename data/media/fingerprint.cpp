#include "data/media/fingerprint.h"

#include <algorithm>
#include <bit>

#include "data/media/audio.h"
#include "data/media/chromaprint.h"
#include "data/media/image.h"
#include "data/media/video.h"
#include "reka/base/error.h"
#include "reka/base/files.h"
#include "reka/base/hash.h"

namespace reka::data {
namespace {

std::vector<PictureHash> hashes_of_frames(const MediaFile& file, const LikenessConfig& config) {
  std::vector<float> times;
  for (float time = 0.5F; time < static_cast<float>(file.geometry.seconds); ++time) {
    times.push_back(time);
  }
  if (times.empty()) times.push_back(static_cast<float>(file.geometry.seconds / 2));
  std::vector<PictureHash> hashes;
  bool is_told = false;
  decode_frames(as_bytes(file.bytes), times, file.name, [&](const at::Tensor& frame) {
    const auto found = hash_picture(frame);
    const bool is_plain = found.quality < config.min_quality;
    hashes.push_back(is_plain ? PictureHash{} : found.of[0]);
    is_told = is_told || !is_plain;
    return at::Tensor();
  });
  if (!is_told) hashes.clear();
  return hashes;
}

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

Fingerprint fingerprint_of(const MediaFile& file, const LikenessConfig& config) {
  Fingerprint made{.modality = file.modality};
  if (file.modality == Modality::kImage) {
    const auto found = hash_picture(decode_image(as_bytes(file.bytes), file.name));
    if (found.quality >= config.min_quality) made.pictures.assign(found.of.begin(), found.of.end());
  } else if (file.modality == Modality::kVideo) {
    made.pictures = hashes_of_frames(file, config);
  } else {
    made.items = chromaprint(decode_audio(as_bytes(file.bytes), file.name));
  }
  return made;
}

RecognisedMedia recognise(const MediaFile& file, const LikenessConfig& config) {
  RecognisedMedia found{.content = xxh3_64(file.bytes), .fingerprint = {.modality = file.modality}};
  try {
    found.fingerprint = fingerprint_of(file, config);
  } catch (const DataError&) {
    found.is_damaged = true;
  }
  return found;
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
