#include "data/media/perceptual_hash.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include <c10/util/Exception.h>

namespace reka::data {
namespace {

constexpr int64_t kCells = 64;  // of a side
constexpr int64_t kFrequencies = 16;
constexpr int64_t kLeastHashedSide = 5;

using Cells = std::array<std::array<float, kCells>, kCells>;
using Frequencies = std::array<std::array<float, kFrequencies>, kFrequencies>;

// `lines` of `width` values: each becomes the mean of those from (window - 1) / 2 before it to
// window / 2 behind it, as far as there are any.
void mean_of_lines(const float* in, float* out, int64_t lines, int64_t width, int64_t window) {
  std::vector<float> sums(static_cast<size_t>(width));
  const auto behind = window / 2;
  const auto before = (window - 1) / 2;
  float held = 0;
  for (auto line = -behind; line < lines; ++line) {
    if (line + behind < lines) {
      const auto* added = in + (line + behind) * width;
      for (int64_t n = 0; n < width; ++n) sums[static_cast<size_t>(n)] += added[n];
      ++held;
    }
    if (line - before > 0) {
      const auto* dropped = in + (line - before - 1) * width;
      for (int64_t n = 0; n < width; ++n) sums[static_cast<size_t>(n)] -= dropped[n];
      --held;
    }
    if (line < 0) continue;
    for (int64_t n = 0; n < width; ++n) out[line * width + n] = sums[static_cast<size_t>(n)] / held;
  }
}

int64_t window_of(int64_t side) {
  return (side + 2 * kCells - 1) / (2 * kCells);
}

void blur(std::vector<float>& luma, int64_t height, int64_t width) {
  std::vector<float> other(luma.size());
  for (int pass = 0; pass < 2; ++pass) {
    for (int64_t y = 0; y < height; ++y) {
      mean_of_lines(luma.data() + y * width, other.data() + y * width, width, 1, window_of(width));
    }
    mean_of_lines(other.data(), luma.data(), height, width, window_of(height));
  }
}

Cells cells_of(const at::Tensor& image) {
  const auto height = image.size(1), width = image.size(2);
  const auto pixels = height * width;
  std::vector<float> luma(static_cast<size_t>(pixels));
  const auto* red = image.const_data_ptr<uint8_t>();
  const auto colour = [&](int64_t n) { return static_cast<float>(red[n]); };
  for (int64_t n = 0; n < pixels; ++n) {
    luma[static_cast<size_t>(n)] =
        0.299F * colour(n) + 0.587F * colour(n + pixels) + 0.114F * colour(n + 2 * pixels);
  }
  if (height != kCells || width != kCells) blur(luma, height, width);
  Cells cells;
  for (size_t i = 0; i < cells.size(); ++i) {
    const auto y = (2 * static_cast<int64_t>(i) + 1) * height / (2 * kCells);
    for (size_t j = 0; j < cells.size(); ++j) {
      const auto x = (2 * static_cast<int64_t>(j) + 1) * width / (2 * kCells);
      cells[i][j] = luma[static_cast<size_t>(y * width + x)];
    }
  }
  return cells;
}

int64_t quality_of(const Cells& cells) {
  const auto step = [](float a, float b) {
    return std::abs(static_cast<int64_t>((a - b) * 100 / 255));
  };
  int64_t sum = 0;
  for (size_t i = 0; i < cells.size(); ++i) {
    for (size_t j = 0; j < cells.size(); ++j) {
      if (i + 1 < cells.size()) sum += step(cells[i][j], cells[i + 1][j]);
      if (j + 1 < cells.size()) sum += step(cells[i][j], cells[i][j + 1]);
    }
  }
  return std::min<int64_t>(sum / 90, 100);
}

// D [16, 64]: frequency i + 1 at cell j.
const auto& cosines() {
  static const auto kCosines = [] {
    std::array<std::array<float, kCells>, kFrequencies> made;
    for (size_t i = 0; i < made.size(); ++i) {
      for (size_t j = 0; j < made[i].size(); ++j) {
        const auto turn =
            std::numbers::pi / (2 * kCells) * static_cast<double>((i + 1) * (2 * j + 1));
        made[i][j] = static_cast<float>(std::sqrt(2.0 / kCells) * std::cos(turn));
      }
    }
    return made;
  }();
  return kCosines;
}

// D cells D^T.
Frequencies frequencies_of(const Cells& cells) {
  const auto& cosine = cosines();
  std::array<std::array<float, kCells>, kFrequencies> down{};
  for (size_t i = 0; i < down.size(); ++i) {
    for (size_t k = 0; k < cells.size(); ++k) {
      for (size_t j = 0; j < cells.size(); ++j) down[i][j] += cosine[i][k] * cells[k][j];
    }
  }
  Frequencies found{};
  for (size_t i = 0; i < found.size(); ++i) {
    for (size_t j = 0; j < found.size(); ++j) {
      for (size_t k = 0; k < cells.size(); ++k) found[i][j] += down[i][k] * cosine[j][k];
    }
  }
  return found;
}

// Backwards a cosine of odd frequency changes its sign: those at even places.
Frequencies turned(const Frequencies& frequencies, size_t symmetry) {
  Frequencies made;
  for (size_t i = 0; i < made.size(); ++i) {
    for (size_t j = 0; j < made.size(); ++j) {
      auto value = frequencies[i][j];
      if ((symmetry & kMirrored) != 0 && j % 2 == 0) value = -value;
      if ((symmetry & kUpsideDown) != 0 && i % 2 == 0) value = -value;
      auto& place = (symmetry & kTransposed) != 0 ? made[j][i] : made[i][j];
      place = value;
    }
  }
  return made;
}

PictureHash bits_of(const Frequencies& frequencies) {
  std::vector<float> values;
  for (const auto& row : frequencies) values.insert(values.end(), row.begin(), row.end());
  auto sorted = values;
  const auto middle = sorted.begin() + (std::ssize(sorted) - 1) / 2;
  std::nth_element(sorted.begin(), middle, sorted.end());
  PictureHash hash;
  for (size_t n = 0; n < values.size(); ++n) {
    if (values[n] > *middle) hash.words[n / 64] |= uint64_t{1} << (n % 64);
  }
  return hash;
}

}  // namespace

PictureHashes hash_picture(const at::Tensor& image) {
  TORCH_CHECK(image.dim() == 3 && image.size(0) == 3 && image.scalar_type() == at::kByte,
              "hash_picture: must be uint8 [3, H, W]");
  PictureHashes hashes;
  if (std::min(image.size(1), image.size(2)) < kLeastHashedSide) return hashes;
  const auto cells = cells_of(image.contiguous());
  hashes.quality = quality_of(cells);
  const auto frequencies = frequencies_of(cells);
  for (size_t n = 0; n < kNumSymmetries; ++n) hashes.of[n] = bits_of(turned(frequencies, n));
  return hashes;
}

}  // namespace reka::data
