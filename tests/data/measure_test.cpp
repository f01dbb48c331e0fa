#include "data/media/measure.h"

#include <cmath>
#include <numbers>

#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>

#include "data/corpus/media_quality.h"
#include "data/media/load.h"
#include "reka/base/error.h"
#include "tests/data/media_files.h"
#include "tests/support/catch.h"
#include "tests/support/temp_folder.h"

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

float value_of(const std::vector<float>& values, std::string_view name) {
  return values[media_measure(name)];
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
  const auto image = measure_media(make_media_file(Modality::kImage, golden("rgb.png"), "a"));
  CHECK(value_of(image, "width") > 0);
  CHECK(value_of(image, "aspect") >= 1);
  CHECK(value_of(image, "blur") > 0);
  CHECK(std::isnan(value_of(image, "seconds")));
  CHECK(std::isnan(value_of(image, "loudness")));
  std::vector<std::array<int, 3>> colours(40, {250, 10, 10});
  std::fill(colours.begin() + 20, colours.end(), std::array{10, 10, 250});
  const auto clip =
      measure_media(make_media_file(Modality::kVideo, colour_clip(colours, 32, 16, 10), "b"));
  CHECK(value_of(clip, "scene_cuts") == 1);
  CHECK(value_of(clip, "aspect") == 2);
  CHECK(value_of(clip, "seconds") == Approx(4).margin(0.2));
  CHECK(std::isnan(value_of(clip, "silence")));
  const auto sound = measure_media(make_media_file(
      Modality::kAudio, wav({.samples = 48000, .amplitudes = {0.5}, .hz = 997}), "c"));
  CHECK(value_of(sound, "loudness") == Approx(-9.03).margin(0.2));
  CHECK(value_of(sound, "silence") == 0);
  CHECK(std::isnan(value_of(sound, "width")));
}

TEST_CASE("media quality: documents are dropped under the name of the rule that they break",
          "[data][measure]") {
  const testing::TempFolder folder;
  Collection corpus(folder.path());
  std::string packed;
  const auto add = [&](MediaFile medium, const std::string& text) {
    Document document;
    document.parts = {{.kind = Part::Kind::kMedia}, {.text = text}};
    document.media.push_back(std::move(medium));
    corpus.marks.push_back({.content = content_hash(document)});
    pack_document(document, packed);
  };
  auto picture = make_media_file(Modality::kImage, golden("rgb.png"), "a");
  add(picture, "a caption of some words");
  add(picture, "no");
  auto broken = picture;
  broken.bytes.resize(broken.bytes.size() / 2);
  add(broken, "a picture that is cut");
  add(make_media_file(Modality::kAudio, wav({.samples = 16000, .amplitudes = {0.0001}}), "c"),
      "a quiet sound");
  Document text;
  text.parts = {{.text = "a"}};
  corpus.marks.push_back({.content = content_hash(text)});
  pack_document(text, packed);
  corpus.chunks.push_back({corpus.spool.write(packed), 0, 0, 5});
  corpus.languages = {""};
  Selection selection(corpus, 2);
  MediaQuality rules({.min_side = 1, .max_silence = 0.9, .min_caption_characters = 5});
  rules.run(selection);
  CHECK(fate_name(selection.fate(0)) == "kept");
  CHECK(fate_name(selection.fate(1)) == "rule media min_caption_characters");
  CHECK(fate_name(selection.fate(2)) == "rule media decodable");
  CHECK(fate_name(selection.fate(3)) == "rule media max_silence");
  CHECK(fate_name(selection.fate(4)) == "kept");
  CHECK(rules.json()["width"]["media"] == 1);
  CHECK(rules.json()["silence"]["percentiles"]["50"] == 1);
  MediaQuality none({});
  Selection all(corpus, 2);
  none.run(all);
  CHECK(all.keeps(2));
  CHECK(none.json().is_null());
}

}  // namespace reka::data
