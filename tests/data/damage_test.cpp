#include <cstdio>

#include <unistd.h>

#include "data/media/load.h"
#include "reka/base/error.h"
#include "reka/base/files.h"
#include "reka/base/random.h"
#include "tests/data/media_files.h"
#include "tests/support/message.h"
#include "tests/support/temp_folder.h"
#include "tests/support/testing.h"

namespace reka::data {
namespace {

using reka::testing::colour_clip;
using reka::testing::golden;
using reka::testing::message_of;
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

// Of an item of a document.
MediaInput load_file(const MediaFile& file) {
  try {
    return load_media(
        {.modality = file.modality, .geometry = file.geometry, .bytes = as_bytes(file.bytes)},
        kConfig);
  } catch (const DataError& error) {
    throw DataError("{}: {}", file.name, error.what());
  }
}

// Either tensors of the shapes that the geometry promised, or a DataError that names the item.
bool loads(const Encoded& file) {
  try {
    const auto item = make_media_file(file.modality, file.bytes, file.name);
    const auto input = load_file(item);
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

// A PNG has checksums, so every changed byte of its pixels is seen. A JPEG has none: what still is
// a stream of valid codes cannot be told from another picture.
TEST_CASE("damage: changed bytes inside the pixels of a PNG or JPEG are refused", "[data][media]") {
  const auto refused = [](const std::string& name, size_t first) {
    const auto whole = golden(name);
    int count = 0, all = 0;
    for (auto at = first; at + 20 < whole.size(); at += 1 + whole.size() / 200) {
      auto file = Encoded{Modality::kImage, name, whole};
      file.bytes[at] = static_cast<char>(~file.bytes[at]);
      count += loads(file) ? 0 : 1;
      ++all;
    }
    return static_cast<double>(count) / all;
  };
  CHECK(refused("rgba.png", 41) == 1);
  CHECK(refused("interlaced_grey16.png", 41) == 1);
  CHECK(refused("rgb.jpg", 640) > 0.4);
  CHECK(refused("progressive.jpg", 260) > 0.4);
}

TEST_CASE("damage: inside a file that a user names is told with its path", "[data][media]") {
  const reka::testing::TempFolder folder;
  auto bytes = golden("rgba.png");
  bytes[100] = static_cast<char>(~bytes[100]);
  const auto path = folder.write("a.png", bytes);
  CHECK(read_media_file(Modality::kImage, path).geometry.width == 17);  // of the header alone
  const auto message = message_of<DataError>([&] { read_prompt_file(Modality::kImage, path); });
  CHECK(message.starts_with(path.string() + ": image cannot be decoded: is damaged: "));
  CHECK(read_prompt_file(Modality::kVideo, testing::golden_path("clip.mp4")).geometry.frames > 0);
}

TEST_CASE("damage: the libraries print nothing of their own", "[data][media]") {
  std::FILE* errors = std::tmpfile();
  const int before = dup(STDERR_FILENO);
  dup2(fileno(errors), STDERR_FILENO);
  for (const std::string name :
       {"rgba.png", "rgb.jpg", "progressive.jpg", "lossy.webp", "rgb.bmp", "rgb.tiff", "rgb.ppm"}) {
    auto file = Encoded{Modality::kImage, name, golden(name)};
    for (auto at = file.bytes.size() / 3; at < file.bytes.size(); at += 7) file.bytes[at] ^= 0x5a;
    loads(file);
    file.bytes.resize(file.bytes.size() / 2);
    loads(file);
  }
  std::fflush(stderr);
  const auto printed = lseek(fileno(errors), 0, SEEK_END);
  dup2(before, STDERR_FILENO);
  close(before);
  std::fclose(errors);
  CHECK(printed == 0);
}

TEST_CASE("damage: a JPEG whose scan stops in its middle is refused", "[data][media]") {
  auto file = Encoded{Modality::kImage, "rgb.jpg", golden("rgb.jpg")};
  file.bytes.erase(900, 200);  // its end marker stays
  CHECK_FALSE(loads(file));
}

TEST_CASE("damage: bytes of another size than recorded are refused", "[data][media]") {
  for (const auto& file : whole_files()) {
    INFO(file.name);
    auto item = make_media_file(file.modality, file.bytes, file.name);
    item.geometry.width += 1;
    item.geometry.seconds += 1;
    CHECK_THROWS_AS(load_file(item), DataError);
  }
}

}  // namespace
}  // namespace reka::data
