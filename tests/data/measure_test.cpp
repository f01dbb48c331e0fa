#include "data/media/measure.h"

#include <cmath>
#include <numbers>

#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>

#include "data/corpus/prepare.h"
#include "data/media/examine.h"
#include "data/media/load.h"
#include "reka/base/error.h"
#include "tests/data/made_media.h"
#include "tests/data/media_files.h"
#include "tests/support/catch.h"

namespace reka::data {
namespace {

using testing::colour_clip;
using testing::golden;
using testing::pattern;
using testing::wav;

/// The formula, value by value; OpenCV rounds a grey value in 14 bits, here and there to its
/// neighbour.
double plain_laplacian_variance(const at::Tensor& image) {
  const auto height = image.size(1), width = image.size(2);
  const auto pixel = [&](int64_t colour, int64_t y, int64_t x) {
    return static_cast<double>(image[colour][y][x].item<int>());
  };
  const auto mirrored = [](int64_t at, int64_t size) {
    return at < 0 ? -at : at >= size ? 2 * size - 2 - at : at;
  };
  const auto grey = [&](int64_t y, int64_t x) {
    y = mirrored(y, height), x = mirrored(x, width);
    return std::round(0.299 * pixel(0, y, x) + 0.587 * pixel(1, y, x) + 0.114 * pixel(2, y, x));
  };
  double sum = 0, squares = 0;
  for (int64_t y = 0; y < height; ++y) {
    for (int64_t x = 0; x < width; ++x) {
      const auto value =
          grey(y - 1, x) + grey(y + 1, x) + grey(y, x - 1) + grey(y, x + 1) - 4 * grey(y, x);
      sum += value;
      squares += value * value;
    }
  }
  const auto count = static_cast<double>(height * width);
  return squares / count - sum / count * sum / count;
}

std::vector<float> sine(double amplitude, double hz, double seconds) {
  std::vector<float> samples;
  for (int n = 0; n < static_cast<int>(16000 * seconds); ++n) {
    samples.push_back(
        static_cast<float>(amplitude * std::sin(2 * std::numbers::pi * hz * n / 16000)));
  }
  return samples;
}

at::Tensor colour(int red, int green, int blue) {
  auto image = at::zeros({3, 4, 6}, at::kByte);
  image[0].fill_(red), image[1].fill_(green), image[2].fill_(blue);
  return image;
}

}  // namespace

TEST_CASE("measure: blur is the variance of the Laplacian", "[data][measure]") {
  const auto image = pattern(23, 17);
  CHECK(laplacian_variance(image) == Approx(plain_laplacian_variance(image)).epsilon(1e-3));
  CHECK(laplacian_variance(at::full({3, 9, 9}, 77, at::kByte)) == 0);
}

TEST_CASE("measure: loudness is that of EBU R 128", "[data][measure]") {
  CHECK(integrated_loudness(sine(1, 997, 5)) == Approx(-3.01).margin(0.1));
  CHECK(integrated_loudness(sine(0.1, 997, 5)) == Approx(-23.01).margin(0.1));
  CHECK(std::isinf(integrated_loudness(std::vector<float>(80000, 0))));
}

TEST_CASE("measure: silence is the share of quiet windows", "[data][measure]") {
  auto samples = sine(0.5, 440, 3);
  samples.resize(samples.size() + 16000, 0);
  CHECK(silence_share(samples) == Approx(0.25).margin(0.01));
  CHECK(silence_share(std::vector<float>(16000, 0.001F)) == 1);
  CHECK(std::isnan(silence_share(std::vector<float>(10, 0))));
}

TEST_CASE("measure: content difference is the mean over hue, saturation and value",
          "[data][measure]") {
  CHECK(content_difference(colour(9, 9, 9), colour(9, 9, 9)) == 0);
  CHECK(content_difference(colour(0, 0, 0), colour(30, 30, 30)) == Approx(10));
  // Red is (0, 255, 255), green (60, 255, 255).
  CHECK(content_difference(colour(255, 0, 0), colour(0, 255, 0)) == Approx(20));
}

TEST_CASE("measure: cuts are large differences that are not close together", "[data][measure]") {
  std::vector<double> differences(100, 1);
  CHECK(count_scene_cuts(differences) == 0);
  differences[20] = 27;
  differences[25] = 80;  // too near
  differences[60] = 26.9;
  differences[70] = 50;
  CHECK(count_scene_cuts(differences) == 2);
}

TEST_CASE("measure: each kind of medium has its measures and no others", "[data][measure]") {
  const auto image = examine_media(make_media_file(Modality::kImage, golden("rgb.png"), "a"));
  CHECK(image.measures.blur > 0);
  CHECK(std::isnan(image.measures.scene_cuts));
  CHECK(std::isnan(image.measures.loudness));
  std::vector<std::array<int, 3>> colours(40, {250, 10, 10});
  std::fill(colours.begin() + 20, colours.end(), std::array{10, 10, 250});
  const auto clip =
      examine_media(make_media_file(Modality::kVideo, colour_clip(colours, 32, 16, 10), "b"));
  CHECK(clip.measures.scene_cuts == 1);
  CHECK(clip.measures.difference > 0);
  CHECK(std::isnan(clip.measures.silence));
  const auto sound = examine_media(make_media_file(
      Modality::kAudio, wav({.samples = 48000, .amplitudes = {0.5}, .hz = 997}), "c"));
  CHECK(sound.measures.loudness == Approx(-9.03).margin(0.2));
  CHECK(sound.measures.silence == 0);
  CHECK(std::isnan(sound.measures.blur));
}

TEST_CASE("measure: one decoding gives the fingerprint that decoding for it alone gives",
          "[data][measure]") {
  const auto check = [](const MediaFile& file) {
    const auto together = examine_media(file).fingerprint;
    const auto alone = fingerprint_of(file);
    CHECK(together.modality == alone.modality);
    CHECK((together.pictures == alone.pictures));
    CHECK(together.qualities == alone.qualities);
    CHECK(together.items == alone.items);
    CHECK_FALSE(alone.empty());
  };
  check(testing::picture_file(testing::scene(1, 100, 120)));
  check(testing::clip_file(1, 64, 80, 4));
  check(testing::melody_file({.seed = 1}));
}

TEST_CASE("measure: a document's signals are those of the medium that a rule would look for",
          "[data][measure]") {
  const Preparer preparer({.measure_media = true});
  Document document;
  document.parts = {{.kind = Part::Kind::kMedia},
                    {.text = "a caption"},
                    {.kind = Part::Kind::kMedia, .media = 1},
                    {.kind = Part::Kind::kMedia, .media = 2},
                    {.text = "of two parts"}};
  document.media = {testing::picture_file(testing::scene(1, 100, 300)),
                    testing::picture_file(at::full({3, 50, 40}, 9, at::kByte)),
                    make_media_file(Modality::kAudio,
                                    wav({.samples = 48000, .amplitudes = {0.5}, .hz = 997}), "c")};
  const auto row = preparer.prepare(document, "en");
  REQUIRE(row);
  const auto value = [&](std::string_view name) {
    return row->signals[static_cast<size_t>(find_signal(name))];
  };
  CHECK(value("media.items") == 3);
  CHECK(value("media.caption_characters") == 21);
  CHECK(value("media.side") == 40);
  CHECK(value("media.aspect") == 3);
  CHECK(value("media.blur") == 0);
  CHECK(value("media.shortest_seconds") == 3);
  CHECK(value("media.longest_seconds") == 3);
  CHECK(value("media.loudness") == Approx(-9.03).margin(0.2));
  CHECK(std::isnan(value("media.scene_cuts")));
  CHECK(document.fingerprints.size() == 3);

  document.media[1].bytes.resize(20);
  CHECK_THROWS_AS(preparer.prepare(document, "en"), DataError);
  // Not decoded: what the container tells alone.
  document.fingerprints.clear();
  const auto undecoded = Preparer({}).prepare(document, "en");
  REQUIRE(undecoded);
  const auto column = [&](std::string_view name) {
    return undecoded->signals[static_cast<size_t>(find_signal(name))];
  };
  CHECK(column("media.side") == 40);
  CHECK(std::isnan(column("media.blur")));
  CHECK(document.fingerprints.empty());
  CHECK(needs_decoded_media("media.blur"));
  CHECK_FALSE(needs_decoded_media("media.side"));
  CHECK_FALSE(needs_decoded_media("text.characters"));
}

}  // namespace reka::data
