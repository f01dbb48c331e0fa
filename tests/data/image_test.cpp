#include "data/media/image.h"

#include "reka/base/error.h"
#include "reka/base/files.h"
#include "tests/data/media_files.h"
#include "tests/support/message.h"
#include "tests/support/testing.h"

namespace reka::data {
namespace {

using reka::testing::golden;
using reka::testing::largest_difference;
using reka::testing::message_of;
using reka::testing::pattern;
using std::string_literals::operator""s;

at::Tensor decoded(const std::string& name) {
  return decode_image(as_bytes(golden(name)), name);
}

// The alpha of the golden files: (23 x + 5 y) mod 256; c a + 255 (1 - a) in reals.
at::Tensor over_white(const at::Tensor& image) {
  auto result = image.to(at::kDouble);
  for (int64_t y = 0; y < image.size(1); ++y)
    for (int64_t x = 0; x < image.size(2); ++x) {
      const auto alpha = static_cast<double>((x * 23 + y * 5) % 256) / 255;
      for (int64_t c = 0; c < 3; ++c)
        result[c][y][x] = result[c][y][x].item<double>() * alpha + 255 * (1 - alpha);
    }
  return result;
}

TEST_CASE("image: lossless formats give the pixels that were stored", "[data][image]") {
  for (const std::string name : {"rgb.png", "rgb.bmp", "rgb.tiff", "rgb.ppm"}) {
    INFO(name);
    const auto image = decoded(name);
    REQUIRE(image.scalar_type() == at::kByte);
    CHECK(largest_difference(image, pattern(17, 11)) == 0);
  }
}

TEST_CASE("image: transparency is composited on white", "[data][image]") {
  CHECK(largest_difference(decoded("rgba.png"), over_white(pattern(17, 11))) <= 0.5);
  CHECK(largest_difference(decoded("lossless.webp"), over_white(pattern(17, 11))) <= 0.5);
  const auto grey = decoded("grey.png");
  CHECK(largest_difference(grey[0], grey[2]) == 0);
  CHECK(largest_difference(decoded("grey_alpha.png"), over_white(grey)) <= 0.5);
}

TEST_CASE("image: a palette may have an alpha for each entry", "[data][image]") {
  const auto solid = decoded("palette.png"), faded = decoded("palette_alpha.png");
  CHECK(largest_difference(solid, pattern(17, 11)) < 100);  // 32 colours
  CHECK((faded.to(at::kInt) >= solid.to(at::kInt)).all().item<bool>());
  CHECK(largest_difference(faded, solid) > 50);
}

TEST_CASE("image: one transparent colour becomes white", "[data][image]") {
  auto want = pattern(17, 11);
  const auto key = want.select(1, 2).select(1, 3).clone();  // [3]
  const auto is_key = (want == key.view({3, 1, 1})).all(0);
  want = want.masked_fill(is_key, 255);
  CHECK(largest_difference(decoded("colour_key.png"), want) == 0);
}

TEST_CASE("image: 1 and 16 bit grey become 8 bit", "[data][image]") {
  CHECK(largest_difference(decoded("interlaced_grey16.png"),
                           pattern(17, 11)[0].expand({3, 11, 17})) == 0);
  const auto bits = decoded("one_bit.png");
  CHECK(((bits == 0) | (bits == 255)).all().item<bool>());
}

TEST_CASE("image: lossy formats are as Pillow decodes them", "[data][image]") {
  for (const std::string name : {"rgb.jpg", "progressive.jpg", "grey.jpg", "lossy.webp"}) {
    INFO(name);
    CHECK(largest_difference(decoded(name), decoded(name + ".png")) <= 2);
  }
}

TEST_CASE("image: all EXIF orientations are shown upright", "[data][image]") {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    INFO("orientation " << orientation);
    const auto name = "orientation" + std::to_string(orientation) + ".jpg";
    const auto image = decoded(name);
    REQUIRE(image.sizes() == at::IntArrayRef{3, 32, 48});
    CHECK(read_image_geometry(as_bytes(golden(name)), name) == Geometry{.width = 48, .height = 32});
    const auto is = [&](int64_t y, int64_t x, int red, int green, int blue) {
      const auto at = [&](int64_t c) { return image[c][y][x].item<int>(); };
      return std::abs(at(0) - red) + std::abs(at(1) - green) + std::abs(at(2) - blue) < 20;
    };
    CHECK(is(2, 2, 255, 0, 0));
    CHECK(is(2, 45, 0, 255, 0));
    CHECK(is(29, 2, 0, 0, 255));
    CHECK(is(29, 45, 255, 255, 255));
  }
}

TEST_CASE("image: the header tells the size that decoding gives", "[data][image]") {
  for (const std::string name :
       {"rgb.png", "rgb.bmp", "rgb.tiff", "rgb.ppm", "lossless.webp", "lossy.webp", "rgb.jpg",
        "progressive.jpg", "grey.jpg", "palette.png", "resized_1x1.png", "resized_37x5.png"}) {
    INFO(name);
    const auto geometry = read_image_geometry(as_bytes(golden(name)), name);
    const auto image = decoded(name);
    CHECK(geometry.width == image.size(2));
    CHECK(geometry.height == image.size(1));
  }
}

TEST_CASE("image: resizing is Pillow's bicubic with antialiasing", "[data][image]") {
  for (const auto& [width, height] : {std::pair{16, 16}, {64, 64}, {37, 5}, {1, 1}, {50, 23}}) {
    const auto name = fmt::format("resized_{}x{}.png", width, height);
    INFO(name);
    const auto resized = resize_image(pattern(37, 23), height, width);
    REQUIRE(resized.sizes() == at::IntArrayRef{3, height, width});
    REQUIRE(resized.scalar_type() == at::kByte);
    CHECK(largest_difference(resized, decoded(name)) <= 1);
  }
}

TEST_CASE("image: tiles are cut row by row and the whole picture is last", "[data][image]") {
  // Each quarter of the picture has a colour of its own, and resizing leaves a colour as it is.
  auto image = at::full({3, 40, 60}, 0, at::kByte);
  for (int64_t n = 0; n < 6; ++n)
    image.narrow(1, n / 3 * 20, 20).narrow(2, n % 3 * 20, 20).fill_(n * 40);
  const ImageInputConfig config{
      .tile_size = 20, .max_tiles = 6, .mean = {0, 0, 0}, .deviation = {1, 1, 1}};
  const auto tiles = image_tiles(image, config);
  REQUIRE(tiles.sizes() == at::IntArrayRef{7, 3, 20, 20});
  for (int64_t n = 0; n < 6; ++n)
    CHECK(largest_difference(tiles[n], at::full({3, 20, 20}, static_cast<double>(n) * 40 / 255)) <
          1e-6);
  CHECK(largest_difference(tiles[6] * 255, resize_image(image, 20, 20)) < 1e-4);
}

TEST_CASE("image: tiles are normalised colour by colour", "[data][image]") {
  const ImageInputConfig config{.tile_size = 4, .mean = {0.1, 0.2, 0.3}, .deviation = {1, 2, 4}};
  const auto tiles = image_tiles(at::full({3, 4, 4}, 255, at::kByte), config);
  REQUIRE(tiles.sizes() == at::IntArrayRef{1, 3, 4, 4});
  for (const auto& [colour, value] : {std::pair{0, 0.9}, {1, 0.4}, {2, 0.175}})
    CHECK(tiles[0][colour][1][1].item<double>() == Approx(value).margin(1e-6));
}

TEST_CASE("image: every odd size makes finite tiles", "[data][image]") {
  const ImageInputConfig config{.tile_size = 16, .max_tiles = 4};
  for (const auto& [height, width] :
       {std::pair{1, 1}, {1, 2}, {3, 1}, {1, 5000}, {5000, 1}, {7, 333}, {17, 16}, {16, 16}}) {
    INFO(height << " x " << width);
    const auto tiles = image_tiles((at::rand({3, height, width}) * 255).to(at::kByte), config);
    const auto grid = tile_grid({.width = width, .height = height}, config);
    REQUIRE(tiles.sizes() == at::IntArrayRef{grid.num_tiles(), 3, 16, 16});
    CHECK(tiles.isfinite().all().item<bool>());
  }
}

TEST_CASE("image: what is no image is refused with its name", "[data][image]") {
  const auto finding = [](std::string_view bytes) {
    return message_of<DataError>([&] { decode_image(as_bytes(bytes), "here/a.png"); });
  };
  CHECK(finding("") == "here/a.png: empty: must be an image");
  CHECK(finding("plain text") ==
        "here/a.png: unknown format: must be PNG, JPEG, WebP, BMP, TIFF or PNM");
  const auto png = golden("rgb.png");
  CHECK(finding(png.substr(0, 100)) == "here/a.png: image is truncated: must be a whole file");
  const std::string animated("RIFF\x40\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0", 24);
  CHECK(finding(animated) == "here/a.png: image is animated: must be one picture");
  const auto entry = [](char tag, char value) {  // of a directory, a short below tag 0x100
    return std::string{tag, 1, 3, 0, 1, 0, 0, 0, value, 0, 0, 0};
  };
  for (const auto& [photometric, samples] : {std::pair<char, char>{2, 4}, {1, 2}, {5, 5}}) {
    const auto tiff = "II*\0\x08\0\0\0\x04\0"s + entry(0, 2) + entry(1, 2) + entry(6, photometric) +
                      entry(0x15, samples) + std::string(64, '\0');
    CHECK(finding(tiff) == "here/a.png: TIFF with transparency: must have none, or be a PNG");
  }
  auto vast = png;
  vast.replace(16, 8, "\x7f\xff\xff\xff\x7f\xff\xff\xff");
  CHECK(finding(vast) ==
        "here/a.png: 2147483647 x 2147483647 pixels: must be 1 to 134217728 in all");
}

TEST_CASE("image: a vast BMP, TIFF or PNM is refused by its header, before it is decoded",
          "[data][image]") {
  const auto finding = [](std::string_view bytes) {
    return message_of<DataError>([&] { decode_image(as_bytes(bytes), "a"); });
  };
  const std::string vast = "a: 20000 x 20000 pixels: must be 1 to 134217728 in all";
  auto bmp = golden("rgb.bmp");
  bmp.replace(18, 8, "\x20\x4e\0\0\x20\x4e\0\0"s);
  CHECK(finding(bmp) == vast);
  bmp.replace(22, 4, "\xe0\xb1\xff\xff");  // -20000: rows from the top
  CHECK(finding(bmp) == vast);
  auto pixels = golden("rgb.ppm").substr(0, 200);
  CHECK(finding("P6 # wide\n20000 # high\n 20000\n255\n" + pixels) == vast);
  CHECK(finding("P1\n20000 20000\n") == vast);
  auto tiff = "II*\0\x08\0\0\0\2\0"s;  // two entries: width as a short, height as a long
  tiff += "\0\1\3\0\1\0\0\0\x20\x4e\0\0"s + "\1\1\4\0\1\0\0\0\x20\x4e\0\0"s + "\0\0\0\0"s;
  CHECK(finding(tiff) == vast);
  CHECK(finding("P6 none").find("damaged") != std::string::npos);
}

}  // namespace
}  // namespace reka::data
