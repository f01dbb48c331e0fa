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
using reka::CheckpointUse;
using reka::testing::message_of;
using reka::testing::TempFolder;

void write_checkpoint(const std::filesystem::path& folder, int64_t step) {
  std::filesystem::create_directories(folder);
  const std::array<float, 3> values = {1, 2, 3};
  const auto bytes = std::as_bytes(std::span(values));
  reka::write_safetensors(folder / "model-1.safetensors", {{"w", "F32", {3}, bytes}});
  reka::write_safetensors(folder / "optimizer-1.safetensors", {{"w", "F32", {3}, bytes}});
  CheckpointManifest manifest = {.step = step};
  for (const auto* name : {"state.json", "config.yaml"}) {
    reka::write_file_atomic(folder / name, "{}");
    manifest.files[name] = reka::hex(reka::xxh3_64("{}"));
  }
  for (const auto* name : {"model-1.safetensors", "optimizer-1.safetensors"}) {
    const reka::SafetensorsFile file(folder / name);
    manifest.safetensors[name] = {reka::hex(reka::xxh3_64(file.header())),
                                  {{"w", reka::hex(reka::xxh3_64(bytes))}}};
  }
  manifest.save(folder);
}

void flip_byte(const std::filesystem::path& path, size_t at) {
  auto bytes = reka::read_file(path);
  bytes[at] = static_cast<char>(bytes[at] ^ 1);
  std::ofstream(path, std::ios::binary) << bytes;
}

std::optional<reka::CheckpointPlace> last_good(const std::filesystem::path& checkpoints) {
  return reka::last_good_checkpoint(checkpoints, CheckpointUse::kTraining);
}

}  // namespace

TEST_CASE("checkpoint: any flipped byte of its contents is found", "[weights][checkpoint]") {
  const TempFolder folder;
  write_checkpoint(folder.path(), 3);
  const auto manifest = CheckpointManifest::load(folder.path());
  CHECK(manifest.step == 3);
  manifest.verify(folder.path(), CheckpointUse::kTraining);
  const auto whole_for = [&](CheckpointUse use) {
    return message_of<reka::CheckpointError>([&] { manifest.verify(folder.path(), use); }).empty();
  };
  for (const std::string name :
       {"model-1.safetensors", "config.yaml", "optimizer-1.safetensors", "state.json"}) {
    const auto path = folder.path() / name;
    for (size_t at = 0; at < std::filesystem::file_size(path); ++at) {
      INFO(name << " byte " << at);
      flip_byte(path, at);
      CHECK_FALSE(whole_for(CheckpointUse::kTraining));
      const bool of_training = name.starts_with("optimizer") || name == "state.json";
      CHECK(whole_for(CheckpointUse::kModel) == of_training);
      flip_byte(path, at);
    }
  }
  const auto more = folder.path() / "model-2.safetensors";
  std::filesystem::copy_file(folder.path() / "model-1.safetensors", more);
  CHECK_FALSE(whole_for(CheckpointUse::kModel));  // or its weights would be read with the others
  std::filesystem::remove(more);
  CHECK(whole_for(CheckpointUse::kTraining));
  std::filesystem::remove(folder.path() / "state.json");
  CHECK_FALSE(whole_for(CheckpointUse::kTraining));
}

TEST_CASE("checkpoint: a folder of shards is called one", "[weights][checkpoint]") {
  const TempFolder folder;
  folder.write("manifest.json", R"({"version": 3, "sources": []})");
  CHECK_THAT(message_of<reka::CheckpointError>([&] { CheckpointManifest::load(folder.path()); }),
             Catch::EndsWith("is a folder of shards: must be a run, checkpoint or exported model"));
}

TEST_CASE("checkpoint: a changed manifest is refused by name", "[weights][checkpoint]") {
  const TempFolder folder;
  const auto path = folder.path() / "step-3";
  write_checkpoint(path, 3);
  const auto text = reka::read_file(path / "manifest.json");
  const auto message = [&](const std::string& from, const std::string& to) {
    auto changed = text;
    changed.replace(changed.find(from), from.size(), to);
    std::ofstream(path / "manifest.json", std::ios::binary) << changed;
    return message_of<reka::CheckpointError>([&] { CheckpointManifest::load(path / ""); });
  };
  CHECK(message("\"step\": 3", "\"step\": 3").empty());
  CHECK_THAT(message("\"step\": 3", "\"step\": 7"),
             Catch::Contains("step-3/manifest.json: XXH3 = ") && Catch::EndsWith(": damaged"));
  CHECK_THAT(message("\"version\": 2", "\"version\": 1"),
             Catch::EndsWith("version = 1: must be 2"));
  std::ofstream(path / "manifest.json", std::ios::binary) << text;
  std::filesystem::rename(path, folder.path() / "step-4");
  CHECK_THAT(message_of<reka::CheckpointError>(
                 [&] { CheckpointManifest::load(folder.path() / "step-4"); }),
             Catch::EndsWith("step = 3: must be 4, as the folder says"));
}

TEST_CASE("checkpoint: the newest whole one is taken", "[weights][checkpoint]") {
  const TempFolder folder;
  CHECK_FALSE(last_good(folder.path() / "none"));
  for (const int64_t step : {5, 20, 100}) {
    write_checkpoint(folder.path() / ("step-" + std::to_string(step)), step);
  }
  std::filesystem::create_directory(folder.path() / ".step-200.tmp-1-0");
  CHECK(last_good(folder.path())->step == 100);
  flip_byte(folder.path() / "step-100/model-1.safetensors", 70);
  CHECK(last_good(folder.path())->step == 20);
  std::filesystem::remove(folder.path() / "step-20/manifest.json");
  CHECK(last_good(folder.path())->step == 5);
  std::ofstream(folder.path() / "step-5/manifest.json") << "{";
  const auto message = message_of<reka::CheckpointError>([&] { (void)last_good(folder.path()); });
  CHECK_THAT(message, Catch::Contains("3 of 3 checkpoints are damaged"));
  CHECK_THAT(message, Catch::Contains("step-100/model-1.safetensors"));  // the newest one's finding
  CHECK(message.find('\n') == message.npos);
}

TEST_CASE("checkpoint: of a run the newest is found that is whole for its use",
          "[weights][checkpoint]") {
  const TempFolder folder;
  const auto run = folder.path() / "run";
  std::filesystem::create_directories(run / "checkpoints");
  const auto newest = [&](CheckpointUse use) { return reka::newest_of_run(run, use).filename(); };
  CHECK_THROWS_WITH(newest(CheckpointUse::kModel), Catch::Contains("has no checkpoint yet"));
  write_checkpoint(run / "checkpoints" / "step-3", 3);
  write_checkpoint(run / "checkpoints" / "step-6", 6);
  flip_byte(run / "checkpoints" / "step-6" / "model-1.safetensors", 80);
  CHECK(newest(CheckpointUse::kModel) == "step-3");
  CHECK(newest(CheckpointUse::kTokenizer) == "step-6");  // reads no weights
  const auto checkpoint = run / "checkpoints" / "step-3";
  CHECK(reka::newest_of_run(checkpoint, CheckpointUse::kModel) == checkpoint);
}
