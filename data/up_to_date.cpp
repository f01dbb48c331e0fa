#include "data/up_to_date.h"

#include <utility>
#include <variant>

#include "data/corpus/files.h"
#include "data/corpus/packages.h"
#include "data/tokens/token_counter.h"
#include "data/tokens/tokenizer.h"
#include "reka/base/error.h"
#include "reka/base/files.h"
#include "reka/base/hash.h"
#include "reka/base/json.h"
#include "reka/base/log.h"
#include "reka/base/reader.h"

namespace reka::data {
namespace {

namespace fs = std::filesystem;

bool are_as_before(const Json& opened) {
  return std::ranges::all_of(
      opened.items(), [](const auto& file) { return file.value() == file_state(file.key()); });
}

// Files below the corpus folder that stages read.
void add_evaluation_sets(const CorpusConfig& config, Hasher& hasher) {
  const auto root = packages_folder(config.packages);
  const auto add = [&](const std::string& path, const std::string& key) {
    for (const auto& file : find_files(root, path, "data.decontaminate." + key)) {
      hasher.update(fmt::format("{} {}\n", file.path.string(), file_state(file.path)));
    }
  };
  for (const auto& [name, set] : config.decontaminate.sets) add(set.path, "sets." + name);
  for (const auto& [name, set] : config.decontaminate.media_sets) {
    add(set.path, "media_sets." + name);
  }
}

// Without what changes no byte of the shards.
CorpusConfig essence_of(CorpusConfig config) {
  const CorpusConfig defaults;
  config.folder = defaults.folder;  // the same corpus in another place
  config.threads = defaults.threads;
  config.memory_bytes = defaults.memory_bytes;
  config.keep_reading = defaults.keep_reading;
  return config;
}

Hasher hash_of(const CorpusConfig& whole, const std::vector<Source>& sources) {
  Hasher hasher;
  auto config = essence_of(whole);
  hasher.update(config_hash(resolve_config(struct_value(config), {})));
  hasher.update(std::to_string(kBuildVersion));
  for (const auto& source : sources) {
    for (const auto& path : source.reader->inputs()) {
      hasher.update(fmt::format("{} {}\n", path.string(), file_state(path)));
    }
  }
  if (const auto* model = std::get_if<FastTextConfig>(&config.prepare.language)) {
    hasher.update(file_state(model->path));
  }
  return hasher;
}

}  // namespace

std::string stamp_of(const CorpusConfig& config, const std::vector<Source>& sources) {
  auto hasher = hash_of(config, sources);
  if (const auto* file = std::get_if<TokenizerFileConfig>(&config.tokenizer)) {
    hasher.update(Tokenizer::load(file->path)->model_bytes());
  }
  add_evaluation_sets(config, hasher);
  for (const auto& [name, path] : config.fertility.tokenizers) {
    hasher.update(hex(TokenCounter::load(path)->fingerprint()));
  }
  return hex(hasher.hash128());
}

std::string configuration_of(const CorpusConfig& config) {
  DataBuildConfig file{essence_of(config)};
  file.data.packages.clear();
  return to_yaml(std::move(file));
}

std::string reading_stamp_of(CorpusConfig config, const std::vector<Source>& sources) {
  // All but what comes after reading: a key that is not named here costs a second reading at most.
  const CorpusConfig defaults;
  config.tokenizer = defaults.tokenizer;
  config.fertility = defaults.fertility;
  config.card = defaults.card;
  config.prepare = config.preparation();
  config.near_duplicates = defaults.near_duplicates;
  config.media_duplicates = defaults.media_duplicates;
  config.paragraphs = defaults.paragraphs;
  config.substrings = defaults.substrings;
  config.held_out_lines = defaults.held_out_lines;
  config.decontaminate = defaults.decontaminate;
  config.shard_bytes = defaults.shard_bytes;
  config.rules = defaults.rules;
  return hex(hash_of(config, sources).hash64());
}

std::optional<Manifest> current_corpus(const fs::path& folder, const std::string& stamp) {
  if (!fs::exists(folder / kReportName)) return std::nullopt;
  try {
    const auto report = parse_json(read_file(folder / kReportName), kReportName);
    if (report.value("stamp", "") != stamp) return std::nullopt;
    if (!are_as_before(parse_json(read_file(folder / kOpenedName), kOpenedName)))
      return std::nullopt;
    auto manifest = Manifest::load(folder);
    for (const auto& shard : manifest.shards) {
      if (fs::file_size(folder / shard.file) != static_cast<uintmax_t>(shard.bytes)) {
        return std::nullopt;
      }
    }
    manifest.expect_tokenizer(Tokenizer::load(folder)->fingerprint(), folder);
    return manifest;
  } catch (const std::exception& error) {
    warn("{}: damaged: is built again ({})", folder.string(), error.what());
    return std::nullopt;
  }
}

}  // namespace reka::data
