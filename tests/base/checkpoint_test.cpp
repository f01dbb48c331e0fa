#include "reka/weights/checkpoint.h"

#include <array>
#include <fstream>

#include "reka/base/error.h"
#include "reka/base/files.h"
#include "reka/base/hash.h"
#include "reka/weights/safetensors.h"
#include "tests/support/catch.h"
#include "tests/support/message.h"
#include "tests/support/temp_folder.h"

namespace {

using reka::CheckpointManifest;
using reka::testing::message_of;
using reka::testing::TempFolder;

void write_checkpoint(const std::filesystem::path& folder, int64_t step) {
  std::filesystem::create_directories(folder);
  const std::array<float, 3> values = {1, 2, 3};
  const auto bytes = std::as_bytes(std::span(values));
  reka::write_safetensors(folder / "model-1.safetensors", {{"w", "F32", {3}, bytes}});
  reka::write_file_atomic(folder / "state.json", "{}");
  CheckpointManifest manifest = {.step = step};
  manifest.files["state.json"] = reka::hex(reka::xxh3_64("{}"));
  const reka::SafetensorsFile file(folder / "model-1.safetensors");
  manifest.safetensors["model-1.safetensors"] = {reka::hex(reka::xxh3_64(file.header())),
                                                 {{"w", reka::hex(reka::xxh3_64(bytes))}}};
  manifest.save(folder);
}

void flip_byte(const std::filesystem::path& path, size_t at) {
  auto bytes = reka::read_file(path);
  bytes[at] = static_cast<char>(bytes[at] ^ 1);
  std::ofstream(path, std::ios::binary) << bytes;
}

}  // namespace

TEST_CASE("checkpoint: any flipped byte of its contents is found", "[weights][checkpoint]") {
  const TempFolder folder;
  write_checkpoint(folder.path(), 3);
  const auto manifest = CheckpointManifest::load(folder.path());
  CHECK(manifest.step == 3);
  manifest.verify(folder.path());
  for (const auto* name : {"model-1.safetensors", "state.json"}) {
    const auto path = folder.path() / name;
    for (size_t at = 0; at < std::filesystem::file_size(path); ++at) {
      INFO(name << " byte " << at);
      flip_byte(path, at);
      CHECK_THROWS_AS(manifest.verify(folder.path()), reka::CheckpointError);
      flip_byte(path, at);
    }
  }
  std::filesystem::remove(folder.path() / "state.json");
  CHECK_THROWS_AS(manifest.verify(folder.path()), reka::CheckpointError);
}

TEST_CASE("checkpoint: the newest whole one is taken", "[weights][checkpoint]") {
  const TempFolder folder;
  CHECK_FALSE(reka::last_good_checkpoint(folder.path() / "none"));
  for (const int64_t step : {5, 20, 100}) {
    write_checkpoint(folder.path() / ("step-" + std::to_string(step)), step);
  }
  std::filesystem::create_directory(folder.path() / ".step-200.tmp-1-0");
  CHECK(reka::last_good_checkpoint(folder.path())->step == 100);
  flip_byte(folder.path() / "step-100/model-1.safetensors", 70);
  CHECK(reka::last_good_checkpoint(folder.path())->step == 20);
  std::filesystem::remove(folder.path() / "step-20/manifest.json");
  CHECK(reka::last_good_checkpoint(folder.path())->step == 5);
  std::ofstream(folder.path() / "step-5/manifest.json") << "{";
  const auto message =
      message_of<reka::CheckpointError>([&] { (void)reka::last_good_checkpoint(folder.path()); });
  CHECK_THAT(message, Catch::Contains("3 of 3 checkpoints are damaged"));
  CHECK_THAT(message, Catch::Contains("step-100/model-1.safetensors"));  // the newest one's finding
  CHECK(message.find('\n') == message.npos);
}
