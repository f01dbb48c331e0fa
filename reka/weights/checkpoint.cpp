#include "reka/weights/checkpoint.h"

#include <algorithm>
#include <charconv>

#include "reka/base/error.h"
#include "reka/base/files.h"
#include "reka/base/hash.h"
#include "reka/base/json.h"
#include "reka/base/log.h"
#include "reka/weights/safetensors.h"

namespace reka {
namespace {

constexpr int64_t kVersion = 2;
constexpr std::string_view kPrefix = "step-";

void expect_hash(const std::filesystem::path& path, std::string_view part,
                 std::span<const std::byte> bytes, const std::string& wanted) {
  const auto found = hex(xxh3_64(bytes));
  if (found == wanted) return;
  throw CheckpointError("{}: {}XXH3 = {}: must be {}: damaged", path.string(), part, found, wanted);
}

void verify_tensors(const std::filesystem::path& path, const CheckpointManifest::Tensors& wanted) {
  const SafetensorsFile file(path);
  expect_hash(path, "header: ", file.header(), wanted.header);
  for (const auto& [name, info] : file.tensors()) {
    const auto hash = wanted.tensors.find(name);
    if (hash == wanted.tensors.end()) {
      throw CheckpointError("{}: {}: must be in {}", path.string(), name,
                            CheckpointManifest::kFileName);
    }
    expect_hash(path, name + ": ", file.bytes(name), hash->second);
  }
}

bool is_read_for(CheckpointUse use, std::string_view name) {
  if (use == CheckpointUse::kTokenizer) return name == "tokenizer.model";
  const bool only_training = name.starts_with("optimizer-") || name == "state.json";
  return use == CheckpointUse::kTraining || !only_training;
}

std::optional<int64_t> step_of(const std::filesystem::path& path) {
  const auto& last = path.has_filename() ? path : path.parent_path();  // "step-7/" is "step-7"
  const auto name = last.filename().string();
  if (!name.starts_with(kPrefix)) return std::nullopt;
  int64_t step = 0;
  const auto* end = name.data() + name.size();
  const auto [stop, error] = std::from_chars(name.data() + kPrefix.size(), end, step);
  if (error != std::errc() || stop != end) return std::nullopt;
  return step;
}

/// Takes the manifest's hash of all else out of it. The values are hashed, not the spaces.
std::string take_hash(Json& json, const std::string& place) {
  auto wanted = json_value<std::string>(json, "hash", place);
  json.erase("hash");
  return wanted;
}

std::string hash_of(const Json& json) {
  return hex(xxh3_64(dump_json(json)));
}

void expect_step(const std::filesystem::path& folder, const std::string& place, int64_t step) {
  const auto named = step_of(folder);
  if (!named || *named == step) return;
  throw CheckpointError("{}: step = {}: must be {}, as the folder says", place, step, *named);
}

}  // namespace

CheckpointManifest CheckpointManifest::load(const std::filesystem::path& folder) {
  const auto path = folder / kFileName;
  if (!std::filesystem::exists(path)) {
    throw CheckpointError("{}: is absent: the checkpoint was never finished", path.string());
  }
  try {
    const auto place = path.string();
    auto json = parse_json(read_file(path), place);
    if (json.is_object() && json.contains("sources"))
      throw CheckpointError(
          "{}: is a folder of shards: must be a run, checkpoint or exported model",
          folder.string());
    if (const auto version = json_value<int64_t>(json, "version", place); version != kVersion) {
      throw CheckpointError("{}: version = {}: must be {}", place, version, kVersion);
    }
    const auto wanted = take_hash(json, place);
    if (const auto found = hash_of(json); found != wanted) {
      throw CheckpointError("{}: XXH3 = {}: must be {}: damaged", place, found, wanted);
    }
    CheckpointManifest manifest;
    manifest.step = json_value<int64_t>(json, "step", place);
    expect_step(folder, place, manifest.step);
    manifest.files = json_value<std::map<std::string, std::string>>(json, "files", place);
    const auto safetensors = json_value<Json>(json, "safetensors", place);
    for (const auto& [name, file] : safetensors.items()) {
      manifest.safetensors[name] = {
          json_value<std::string>(file, "header", place),
          json_value<std::map<std::string, std::string>>(file, "tensors", place)};
    }
    return manifest;
  } catch (const DataError& error) {
    throw CheckpointError("{}", error.what());
  }
}

void CheckpointManifest::save(const std::filesystem::path& folder) const {
  Json json = {{"version", kVersion}, {"step", step}, {"files", files}};
  auto& all = json["safetensors"] = Json::object();
  for (const auto& [name, file] : safetensors) {
    all[name] = {{"header", file.header}, {"tensors", file.tensors}};
  }
  json["hash"] = hash_of(json);
  write_file_atomic(folder / kFileName, dump_json(json, 1));
}

void CheckpointManifest::verify(const std::filesystem::path& folder, CheckpointUse use) const {
  try {
    for (const auto& [name, hash] : files) {
      if (!is_read_for(use, name)) continue;
      const MappedFile file(folder / name);
      expect_hash(folder / name, "", file.bytes(), hash);
    }
  } catch (const DataError& error) {
    throw CheckpointError("{}", error.what());
  }
  for (const auto& [name, wanted] : safetensors) {
    if (is_read_for(use, name)) verify_tensors(folder / name, wanted);
  }
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const auto name = entry.path().filename().string();
    const bool is_ours = name.starts_with("model") || name.starts_with("optimizer");
    if (is_ours && name.ends_with(".safetensors") && !safetensors.contains(name))
      throw CheckpointError("{}: is not in {}: must be removed", entry.path().string(), kFileName);
  }
}

std::vector<CheckpointPlace> list_checkpoints(const std::filesystem::path& checkpoints) {
  std::vector<CheckpointPlace> places;
  if (!std::filesystem::is_directory(checkpoints)) return places;
  for (const auto& entry : std::filesystem::directory_iterator(checkpoints)) {
    const auto step = step_of(entry.path());
    if (step && entry.is_directory()) places.push_back({*step, entry.path()});
  }
  std::sort(places.begin(), places.end(),
            [](const auto& a, const auto& b) { return a.step > b.step; });
  return places;
}

std::optional<CheckpointPlace> last_good_checkpoint(const std::filesystem::path& checkpoints,
                                                    CheckpointUse use) {
  const auto places = list_checkpoints(checkpoints);
  std::vector<std::string> findings;
  for (const auto& place : places) {
    try {
      CheckpointManifest::load(place.path).verify(place.path, use);
      for (const auto& finding : findings) warn("{}: the one before it is used", finding);
      return place;
    } catch (const CheckpointError& error) {
      findings.emplace_back(error.what());
    }
  }
  if (places.empty()) return std::nullopt;
  throw CheckpointError("{}: {} of {} checkpoints are damaged: must hold a whole one, or none: {}",
                        checkpoints.string(), places.size(), places.size(), findings.front());
}

std::filesystem::path newest_of_run(const std::filesystem::path& path, CheckpointUse use) {
  if (!std::filesystem::exists(path / "checkpoints")) return path;
  const auto newest = last_good_checkpoint(path / "checkpoints", use);
  if (!newest) throw CheckpointError("{}: has no checkpoint yet", path.string());
  return newest->path;
}

}  // namespace reka
