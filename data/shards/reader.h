#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/shards/format.h"
#include "data/shards/manifest.h"
#include "data/shards/sample.h"
#include "reka/base/files.h"

namespace reka::data {

/// A mapped shard. Opening checks its structure and index; the content of a sample is checked
/// against its id when it is first read. May be read by several threads at once.
class ShardReader {
 public:
  /// Throws DataError naming the file: missing, truncated, damaged, foreign.
  explicit ShardReader(const std::filesystem::path& file);
  /// The shard of a manifest: also throws when it is not the file that the manifest names.
  ShardReader(const std::filesystem::path& folder, const Manifest& manifest, size_t shard)
      : ShardReader(folder / manifest.shards[shard].file, manifest, manifest.shards[shard]) {}
  ShardReader(const std::filesystem::path& file, const Manifest& manifest, const ShardInfo& info);

  size_t size() const { return header_.num_samples; }
  int64_t num_tokens(size_t sample) const;
  std::span<const MediaRecord> media(size_t sample) const;
  std::string_view document_id(size_t sample) const {
    return text(1 + header_.num_languages + sample);
  }
  int32_t language(size_t sample) const { return language_index_[language_[sample]]; }
  uint64_t id(size_t sample) const { return id_[sample]; }
  Origin origin(size_t sample) const { return {row_[sample], alike_[sample]}; }
  bool whole(size_t sample) const { return (flags_[sample] & kWholeSample) != 0; }
  std::span<const TargetRun> targets(size_t sample) const;

  /// Throws DataError naming file and document when the content does not match its id.
  SampleView sample(size_t sample) const;
  /// All tokens and media against the hashes of the header. Throws DataError.
  void check_content() const;
  /// The same as a copy that outlives the shard.
  Sample copy(size_t sample) const;

  std::string_view source() const { return text(0); }
  Split split() const { return static_cast<Split>(header_.split); }
  const ShardHeader& header() const { return header_; }
  const std::filesystem::path& path() const { return path_; }

 private:
  template <typename T>
  std::span<const T> column(uint64_t offset, uint64_t count) const;
  std::span<const std::byte> section(Section name) const;
  std::string_view text(size_t index) const;

  void read_header();
  void check_sections() const;
  void find_columns();
  void check_columns() const;
  void check_media() const;
  [[noreturn]] void fail(std::string_view finding) const;

  std::filesystem::path path_;
  MappedFile file_;
  ShardHeader header_;
  std::span<const uint64_t> token_begin_, id_, key_;
  std::span<const uint32_t> target_begin_, media_begin_, text_bytes_, string_begin_;
  std::span<const uint16_t> language_;
  std::span<const uint8_t> flags_;
  std::span<const uint64_t> row_;
  std::span<const uint32_t> alike_;
  std::span<const TargetRun> targets_;
  std::span<const MediaRecord> media_;
  int32_t source_index_ = 0;
  std::vector<int32_t> language_index_;  // of the manifest, for each language of the shard
  std::unique_ptr<std::atomic<bool>[]> verified_;
};

/// How much of a shard of a manifest is read.
enum class ShardPart { kAll, kIndex };

/// A shard of a folder, fetched first where the folder is a mirror (data/shards/mirror.h). Of an
/// index alone no sample may be asked for.
std::shared_ptr<const ShardReader> open_shard(const std::filesystem::path& folder,
                                              const Manifest& manifest, size_t shard,
                                              ShardPart part);

/// Every sample of a split in the order of the shards, until `take` returns false. Damaged samples
/// are named in a warning and left out.
void visit_samples(const std::filesystem::path& folder, Split split,
                   const std::function<bool(Sample&&)>& take);

}  // namespace reka::data
