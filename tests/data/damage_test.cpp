#include "data/media/load.h"
#include "reka/base/error.h"
#include "reka/base/files.h"
#include "reka/base/random.h"
#include "tests/data/media_files.h"
#include "tests/support/testing.h"

namespace reka::data {
namespace {

using reka::testing::colour_clip;
using reka::testing::golden;
using reka::testing::wav;

struct Encoded {
  Modality modality;
  std::string name;
  std::string bytes;
};

// A whole file of each kind.
std::vector<Encoded> whole_files() {
  std::vector<Encoded> files;
  for (const std::string name :
       {"rgba.png", "palette_alpha.png", "rgb.jpg", "progressive.jpg", "orientation6.jpg",
        "lossless.webp", "lossy.webp", "rgb.bmp", "rgb.tiff", "rgb.ppm"})
    files.push_back({Modality::kImage, name, golden(name)});
  for (const std::string name : {"tone.ogg", "tone.mp3", "tone.flac"})
    files.push_back({Modality::kAudio, name, golden(name)});
  files.push_back({Modality::kAudio, "tone.wav", wav({.samples = 2000})});
  files.push_back({Modality::kVideo, "clip.mp4", golden("clip.mp4")});
  files.push_back({Modality::kVideo, "clip.webm",
                   colour_clip({{255, 0, 0}, {0, 255, 0}, {0, 0, 255}}, 32, 32, 4)});
  return files;
}

const MediaInputConfig kConfig{.image = {.tile_size = 16, .max_tiles = 4},
                               .video = {.num_frames = 3}};

// Either tensors of the shapes that the geometry promised, or a DataError that names the item.
bool loads(const Encoded& file) {
  try {
    const auto item = make_media_file(file.modality, file.bytes, file.name);
    const auto input = load_media(item, kConfig);
    REQUIRE(input.values.defined());
    REQUIRE(input.values.numel() > 0);
    return true;
  } catch (const DataError& error) {
    const std::string message = error.what();
    REQUIRE(message.starts_with(file.name + ": "));
    REQUIRE(message.find('\n') == std::string::npos);
    return false;
  }
}

TEST_CASE("damage: every whole file loads", "[data][media]") {
  for (const auto& file : whole_files()) {
    INFO(file.name);
    CHECK(loads(file));
  }
}

TEST_CASE("damage: a truncated file of any kind is refused", "[data][media]") {
  // These formats say nowhere how long they are, so some of their cuts are whole files.
  const auto has_no_length = [](const std::string& name) {
    return name == "tone.mp3" || name == "tone.flac";
  };
  for (const auto& file : whole_files())
    for (size_t part = 0; part < 40; ++part) {
      auto cut = file;
      cut.bytes.resize(file.bytes.size() * part / 40);
      INFO(file.name << " cut to " << cut.bytes.size() << " of " << file.bytes.size());
      const auto loaded = loads(cut);
      if (!has_no_length(file.name)) CHECK_FALSE(loaded);
    }
}

TEST_CASE("damage: changed bytes never crash, hang or give other shapes", "[data][media]") {
  for (const auto& file : whole_files())
    for (uint64_t seed = 0; seed < 60; ++seed) {
      auto changed = file;
      for (uint64_t n = 0; n <= seed % 4; ++n) {
        const auto at = uniform_below(mix64(seed, n, 0), file.bytes.size());
        changed.bytes[at] = static_cast<char>(mix64(seed, n, 1));
      }
      INFO(file.name << " seed " << seed);
      loads(changed);
    }
}

TEST_CASE("damage: bytes of another size than recorded are refused", "[data][media]") {
  for (const auto& file : whole_files()) {
    INFO(file.name);
    auto item = make_media_file(file.modality, file.bytes, file.name);
    item.geometry.width += 1;
    item.geometry.seconds += 1;
    CHECK_THROWS_AS(load_media(item, kConfig), DataError);
  }
}

}  // namespace
}  // namespace reka::data
