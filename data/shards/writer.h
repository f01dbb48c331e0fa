#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "data/shards/manifest.h"
#include "data/shards/sample.h"

namespace reka::data {

struct ShardWriterConfig {
  uint64_t tokenizer = 0;            // Tokenizer::fingerprint
  int64_t shard_bytes = 64LL << 20;  // a shard is closed when its samples reach this size
};

/// Throws DataError unless shards may take this place: nothing is there, or shards, damaged or not.
/// Removes what writers left beside it that were killed.
void prepare_shard_folder(const std::filesystem::path& folder);

/// Writes samples to a folder of shards. The bytes depend on the samples and their order alone, so
/// that the same corpus gives the same folder. Everything is written to `staging()` beside the
/// folder and takes its place in finish(); without finish() nothing is left behind. Not for
/// several threads. Throws DataError: a folder that holds something else, a full disk, a sample
/// that contradicts itself.
class ShardWriter {
 public:
  ShardWriter(const std::filesystem::path& folder, const ShardWriterConfig& config);
  ~ShardWriter();

  /// Says what a source is before its first sample; a sample of an unnamed source names it.
  void add_source(const SourceInfo& source);
  void add(const Sample& sample);
  /// Closes the open shards of a source and frees their memory (up to `shard_bytes` each).
  void finish_source(const std::string& source);
  Manifest finish();

  /// Files put here (tokenizer.model, the report) move into the folder with the shards.
  const std::filesystem::path& staging() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace reka::data
