#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "data/shards/download.h"
#include "data/shards/manifest.h"
#include "data/shards/reader.h"
#include "reka/base/config.h"

namespace reka::data {

/// Where shards that a web server has are kept on this machine.
struct CacheConfig {
  std::string folder = "~/.cache/reka/shards";
  int64_t bytes = 64LL << 30;
  int64_t tries = 12;
  double stall_seconds = 30;

  void describe(auto& field) {
    field("folder", folder, "where shards of a web server are kept, for all runs of the machine",
          not_empty);
    field("bytes", bytes, "most room they take; those used longest ago go first", positive);
    field("tries", tries, "in a row that bring nothing before the run gives the server up",
          between(1, 1000));
    field("stall_seconds", stall_seconds, "a connection that brings nothing for so long is cut",
          between(1, 86400));
  }
};

/// The folder where the shards at a place are: the place itself, or for a URL its mirror in the
/// cache, with the manifest and tokenizer as the server has them now. Where it stays away, those of
/// the time before are taken with a warning. Throws DataError.
std::filesystem::path local_folder(const std::string& place, const CacheConfig& cache);

/// A folder in the cache whose shards come from a server when they are asked for. Files are
/// complete or absent, and checked against the manifest's hash before they take their names; locks
/// let processes of one machine share them.
class Mirror {
 public:
  /// Nothing for a folder that is no mirror.
  static std::unique_ptr<Mirror> open(const std::filesystem::path& folder);

  /// The file with all of a shard. `stop` ends a download.
  std::filesystem::path whole(const ShardInfo& shard, const std::atomic<bool>* stop = nullptr);
  /// All of it, or a file of its length with its header, index and footer: enough to plan rows.
  std::shared_ptr<const ShardReader> open_shard(const Manifest& manifest, const ShardInfo& shard,
                                                ShardPart part);

 private:
  std::filesystem::path index(const ShardInfo& shard);
  explicit Mirror(std::filesystem::path folder) : folder_(std::move(folder)) {}

  std::string url(const ShardInfo& shard) const { return url_ + "/" + shard.file; }
  void fetch_index(const ShardInfo& shard, const std::filesystem::path& to);
  void fetch_whole(const ShardInfo& shard, const std::filesystem::path& to,
                   const std::atomic<bool>* stop);
  void make_room(int64_t bytes);

  std::filesystem::path folder_;
  std::string url_;
  int64_t bytes_ = 0;  // of the whole cache
  Patience patience_;
};

}  // namespace reka::data
