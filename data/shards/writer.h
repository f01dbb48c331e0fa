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
  bool append = false;               // add sources to an existing folder instead of replacing it
};

/// Writes samples to a folder of shards. The bytes depend on the samples and their order alone, so
/// that the same corpus gives the same folder. Everything is written to `staging()` beside the
/// folder and takes its place in finish(); without finish() nothing is left behind. Not for
/// several threads. Throws DataError: a folder that holds something else, a full disk, a sample
/// that contradicts itself, a source that is already there (append).
class ShardWriter {
 public:
  ShardWriter(std::filesystem::path folder, const ShardWriterConfig& config);
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
