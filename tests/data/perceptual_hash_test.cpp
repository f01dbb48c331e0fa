#include "data/media/perceptual_hash.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>

#include "data/media/chromaprint.h"
#include "data/media/fingerprint.h"
#include "data/media/image.h"
#include "reka/base/files.h"
#include "tests/data/made_media.h"
#include "tests/support/catch.h"

namespace reka::data {
namespace {

using testing::clip_file;
using testing::melody_file;
using testing::picture_file;
using testing::scene;

using Matrix = std::vector<std::vector<double>>;

Matrix transposed(const Matrix& m) {
  Matrix made(m[0].size(), std::vector<double>(m.size()));
  for (size_t y = 0; y < m.size(); ++y) {
    for (size_t x = 0; x < m[y].size(); ++x) made[x][y] = m[y][x];
  }
  return made;
}

// Means along each row, window by window.
Matrix row_means(const Matrix& m) {
  auto made = m;
  const auto width = static_cast<int64_t>(m[0].size());
  const auto window = (width + 127) / 128;
  for (size_t y = 0; y < m.size(); ++y) {
    for (int64_t x = 0; x < width; ++x) {
      double sum = 0, count = 0;
      for (auto n = x - (window - 1) / 2; n <= x + window / 2; ++n) {
        if (n < 0 || n >= width) continue;
        sum += m[y][static_cast<size_t>(n)];
        ++count;
      }
      made[y][static_cast<size_t>(x)] = sum / count;
    }
  }
  return made;
}

// The formula in doubles, step by step.
PictureHash plain_hash(const at::Tensor& image) {
  const auto height = static_cast<size_t>(image.size(1)),
             width = static_cast<size_t>(image.size(2));
  Matrix luma(height, std::vector<double>(width));
  const auto* pixels = image.const_data_ptr<uint8_t>();
  for (size_t n = 0; n < height * width; ++n) {
    luma[n / width][n % width] = 0.299 * pixels[n] + 0.587 * pixels[n + height * width] +
                                 0.114 * pixels[n + 2 * height * width];
  }
  for (int pass = 0; pass < 2; ++pass) luma = transposed(row_means(transposed(row_means(luma))));
  std::vector<double> values;
  for (int u = 1; u <= 16; ++u) {
    for (int v = 1; v <= 16; ++v) {
      double sum = 0;
      for (int y = 0; y < 64; ++y) {
        for (int x = 0; x < 64; ++x) {
          const auto cell = luma[static_cast<size_t>((y + 0.5) * static_cast<double>(height) / 64)]
                                [static_cast<size_t>((x + 0.5) * static_cast<double>(width) / 64)];
          sum += cell * std::cos(std::numbers::pi / 128 * u * (2 * y + 1)) *
                 std::cos(std::numbers::pi / 128 * v * (2 * x + 1));
        }
      }
      values.push_back(sum);
    }
  }
  auto sorted = values;
  std::sort(sorted.begin(), sorted.end());
  PictureHash hash;
  for (size_t n = 0; n < values.size(); ++n) {
    if (values[n] > sorted[127]) hash.words[n / 64] |= uint64_t{1} << (n % 64);
  }
  return hash;
}

at::Tensor laid(at::Tensor image, unsigned symmetry) {
  if ((symmetry & kMirrored) != 0) image = image.flip(2);
  if ((symmetry & kUpsideDown) != 0) image = image.flip(1);
  if ((symmetry & kTransposed) != 0) image = image.transpose(1, 2);
  return image.contiguous();
}

at::Tensor bytes_of(const at::Tensor& image) {
  return (image * 255).round().to(at::kByte).contiguous();
}

}  // namespace

TEST_CASE("perceptual hash: the bits are those of the formula", "[data][perceptual_hash]") {
  const std::vector<std::pair<int64_t, int64_t>> sizes = {
      {64, 64}, {128, 136}, {300, 517}, {31, 700}, {5, 5}};
  for (const auto& [height, width] : sizes) {
    const auto image = scene(static_cast<uint64_t>(height), height, width);
    INFO(height << " x " << width);
    const auto hash = hash_picture(image).of[0];
    CHECK(hamming_distance(hash, plain_hash(image)) <= 2);  // next to the median floats may round
    CHECK(hamming_distance(hash, {}) == 128);
  }
}

TEST_CASE("perceptual hash: the symmetries are those of the turned picture",
          "[data][perceptual_hash]") {
  for (const int64_t side : {64, 200}) {
    const auto image = scene(7, side, side + side / 4 * (side == 64 ? 0 : 1));
    const auto hashes = hash_picture(image);
    for (unsigned symmetry = 0; symmetry < kNumSymmetries; ++symmetry) {
      const auto turned = hash_picture(laid(image, symmetry));
      INFO(side << " pixels, symmetry " << symmetry);
      // 64 pixels are the cells themselves; other sides have their windows off the middle.
      CHECK(hamming_distance(turned.of[0], hashes.of[symmetry]) <= (side == 64 ? 2 : 31));
      for (unsigned other = 0; other < kNumSymmetries; ++other) {
        if (other != symmetry) CHECK(hamming_distance(turned.of[0], hashes.of[other]) > 60);
      }
    }
  }
}

TEST_CASE("perceptual hash: a copy is near, another picture is far", "[data][perceptual_hash]") {
  const auto image = scene(1, 240, 320);
  const auto hash = hash_picture(image).of[0];
  const auto jpeg = testing::encoded(image, ".jpg");
  CHECK(hamming_distance(hash, hash_picture(decode_image(as_bytes(jpeg), "j")).of[0]) <= 10);
  const auto half = resize_image(image, 120, 160);
  CHECK(hamming_distance(hash, hash_picture(half).of[0]) <= 20);
  const auto brighter = bytes_of(image.to(at::kFloat) / 255 * 0.7 + 0.2);
  CHECK(hamming_distance(hash, hash_picture(brighter).of[0]) <= 10);
  for (uint64_t seed = 2; seed < 30; ++seed) {
    CHECK(hamming_distance(hash, hash_picture(scene(seed, 240, 320)).of[0]) > 70);
  }
}

TEST_CASE("perceptual hash: plain pictures have a low quality", "[data][perceptual_hash]") {
  CHECK(hash_picture(scene(1, 200, 200)).quality > 50);
  CHECK(hash_picture(at::full({3, 90, 90}, 200, at::kByte)).quality == 0);
  const auto tiny = hash_picture(at::full({3, 4, 90}, 200, at::kByte));
  CHECK(tiny.quality == 0);
  CHECK(tiny.of[0] == PictureHash{});
  // One edge of 255 over 64 rows: 64 x 100 / 90.
  auto edge = at::full({3, 64, 64}, 0, at::kByte);
  edge.narrow(2, 32, 32).fill_(255);
  CHECK(hash_picture(edge).quality == 71);
  const auto plain = picture_file(at::full({3, 90, 90}, 200, at::kByte));
  auto made = fingerprint_of(plain);
  CHECK(made.qualities == std::vector<uint8_t>{0});
  forget_plain(made, {.min_quality = 0});
  CHECK(made.pictures.size() == kNumSymmetries);
  forget_plain(made, {});
  CHECK(made.empty());
}

TEST_CASE("fingerprint: a sound is known in another encoding and by a part of it",
          "[data][perceptual_hash]") {
  const LikenessConfig config;
  const auto items_of = [&](const testing::Melody& melody) {
    return fingerprint_of(melody_file(melody)).items;
  };
  const auto alike_at = [&](const auto& a, const auto& b, int64_t offset) {
    return are_alike(std::span<const uint32_t>(a), std::span<const uint32_t>(b), offset, config);
  };
  const auto items = items_of({.seed = 1});
  // (12 s - 2.6 s) / 0.124 s
  CHECK(items.size() == Approx(76).margin(3));
  CHECK(alike_at(items, items_of({.seed = 1, .rate = 44100, .mu_law = true}), 0));
  CHECK(alike_at(items, items_of({.seed = 1, .amplitude = 0.05}), 0));
  CHECK_FALSE(alike_at(items, items_of({.seed = 2}), 0));
  const std::vector<uint32_t> part(items.begin() + 20, items.begin() + 50);
  CHECK(alike_at(items, part, 20));
  CHECK(alike_at(part, items, -20));
  CHECK_FALSE(alike_at(items, part, 19 + 40));  // over the end with most of it
  CHECK_FALSE(alike_at(items, part, 500));
  CHECK(items_of({.seed = 1, .seconds = 2}).empty());
}

TEST_CASE("fingerprint: the bit error rate is that of the overlap", "[data][perceptual_hash]") {
  std::vector<uint32_t> a(40, 0xF0F0F0F0), b = a;
  for (size_t n = 0; n < 30; ++n) b[n] ^= 0xF;  // 120 of 1280 bits
  const auto alike = [&](double rate) {
    return are_alike(std::span<const uint32_t>(a), std::span<const uint32_t>(b), 0,
                     {.bit_error_rate = rate});
  };
  CHECK(alike(0.09375));
  CHECK_FALSE(alike(0.0937));
}

TEST_CASE("fingerprint: a clip is known in another size and by a part of it",
          "[data][perceptual_hash]") {
  const LikenessConfig config;
  const auto frames = fingerprint_of(clip_file(1, 96, 128, 5)).pictures;
  const auto alike_at = [&](const auto& a, const auto& b, int64_t offset) {
    return are_alike(std::span<const PictureHash>(a), std::span<const PictureHash>(b), offset,
                     config);
  };
  REQUIRE(frames.size() == 5);
  const auto small = fingerprint_of(clip_file(1, 64, 80, 5)).pictures;
  CHECK(alike_at(frames, small, 0));
  CHECK_FALSE(alike_at(frames, small, 1));
  CHECK_FALSE(alike_at(frames, fingerprint_of(clip_file(2, 96, 128, 5)).pictures, 0));
  const std::vector<PictureHash> part(frames.begin() + 1, frames.begin() + 4);
  CHECK(alike_at(frames, part, 1));
  CHECK(alike_at(part, frames, -1));
  // Frames that are too plain keep their place and are not counted.
  auto holed = frames;
  holed[2] = {};
  CHECK(alike_at(holed, small, 0));
  CHECK_FALSE(alike_at(std::vector<PictureHash>(5), small, 0));
  Fingerprint clip{
      .modality = Modality::kVideo, .pictures = frames, .qualities = {90, 9, 60, 9, 70}};
  forget_plain(clip, config);
  CHECK(clip.pictures[0] == frames[0]);
  CHECK(clip.pictures[1] == PictureHash{});
  CHECK(clip.pictures[4] == frames[4]);
  clip.qualities = {9, 9, 9, 9, 9};
  forget_plain(clip, config);
  CHECK(clip.empty());
}

}  // namespace reka::data
