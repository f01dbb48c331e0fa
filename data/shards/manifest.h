#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "data/item.h"

namespace reka::data {

struct ShardCounts {
  int64_t samples = 0;
  int64_t tokens = 0;   // one for each media item
  int64_t targets = 0;  // tokens that are predicted
  int64_t text_bytes = 0;
  int64_t images = 0;
  int64_t videos = 0;
  int64_t audios = 0;

  ShardCounts& operator+=(const ShardCounts& other);
  bool operator==(const ShardCounts&) const = default;
};

/// One shard, a group of the data order: samples of one source and split.
struct ShardInfo {
  std::string file;  // name inside the folder
  std::string hash;  // XXH3-128 of its header, which holds the XXH3-64 of all its sections
  int64_t bytes = 0;
  std::string source;
  Split split = Split::kTrain;
  std::map<std::string, ShardCounts> languages;

  ShardCounts counts() const;
};

/// One source of the corpus, as its configuration and its origin describe it.
struct SourceInfo {
  std::string name;
  std::string package;  // where the files came from
  std::string licence;  // SPDX name
  int64_t weight = 1;   // its share of the rows, unless a stage says otherwise

  bool operator==(const SourceInfo&) const = default;
};

/// What a folder of shards holds: `manifest.json`, written last.
struct Manifest {
  static constexpr std::string_view kFileName = "manifest.json";

  uint64_t tokenizer = 0;  // Tokenizer::fingerprint
  std::vector<SourceInfo> sources;
  std::vector<std::string> languages;
  std::vector<ShardInfo> shards;  // by source, split and number

  /// Throws DataError when there is none, or it is damaged or of another version.
  static Manifest load(const std::filesystem::path& folder);
  void save(const std::filesystem::path& folder) const;

  /// Index in `sources`, or -1.
  int32_t find_source(std::string_view name) const;
  /// Sum over the shards of a source and split; "" is any source.
  ShardCounts counts(std::string_view source, Split split) const;
  /// Throws DataError naming the folder when the shards were made with another tokenizer.
  void expect_tokenizer(uint64_t fingerprint, const std::filesystem::path& folder) const;
};

}  // namespace reka::data
