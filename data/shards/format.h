#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include "data/shards/sample.h"

namespace reka::data {

// A shard on disk, little endian, every section and every column at a multiple of 64 bytes:
//
//   header   256 bytes
//   index    one column after another, n samples, L languages:
//              u64 token_begin[n + 1], u64 id[n], u64 key[n], u32 target_begin[n + 1],
//              u32 media_begin[n + 1], u32 text_bytes[n], u32 string_begin[1 + L + n + 1],
//              u16 language[n], u8 flags[n], u64 row[n], u32 alike[n]
//   targets  TargetRun
//   media    MediaRecord
//   strings  UTF-8: the source, the languages, the document ids
//   tokens   u16 or u32
//   blobs    media in their own encoding
//   footer   a copy of the header, so that a shortened file is seen when it is opened
//
// index, targets, media and strings are checked when a shard is opened, the content of a sample
// (tokens, targets, media) against its id when it is first read.

enum class Section : uint8_t { kIndex, kTargets, kMedia, kStrings, kTokens, kBlobs };
inline constexpr size_t kNumSections = 6;
inline constexpr uint64_t kSectionAlignment = 64;

struct SectionEntry {
  uint64_t offset = 0;
  uint64_t length = 0;  // without the zeros up to the next section
  uint64_t hash = 0;    // XXH3-64
};

struct ShardHeader {
  static constexpr std::array<char, 8> kMagic = {'R', 'E', 'K', 'A', 'S', 'H', 'R', 'D'};
  static constexpr uint32_t kVersion = 3;
  static constexpr uint32_t kWideTokens = 1;  // flag: tokens are u32

  std::array<char, 8> magic = kMagic;
  uint32_t version = kVersion;
  uint32_t flags = 0;
  uint64_t file_bytes = 0;
  uint64_t num_samples = 0;
  uint64_t num_tokens = 0;
  uint64_t num_targets = 0;
  uint64_t num_media = 0;
  uint32_t num_languages = 0;
  uint32_t split = 0;
  uint64_t tokenizer = 0;  // fingerprint
  std::array<SectionEntry, kNumSections> sections;
  std::array<uint64_t, 4> reserved{};
  uint64_t hash = 0;  // XXH3-64 of the 248 bytes before

  uint64_t compute_hash() const;
  const SectionEntry& section(Section name) const { return sections[static_cast<size_t>(name)]; }
};
static_assert(sizeof(ShardHeader) == 256 && std::is_trivially_copyable_v<ShardHeader>);

struct MediaRecord {
  uint64_t blob_begin = 0;
  uint64_t blob_bytes = 0;
  uint32_t token = 0;
  int32_t width = 0;
  int32_t height = 0;
  int32_t frames = 0;
  double seconds = 0;
  uint32_t modality = 0;
  uint32_t reserved = 0;

  Geometry geometry() const { return {width, height, frames, seconds}; }
};
static_assert(sizeof(MediaRecord) == 48 && sizeof(TargetRun) == 8);

inline constexpr uint8_t kWholeSample = 1;  // sample flag

/// Where the columns of the index lie, in bytes from its beginning, and how long it is.
struct IndexLayout {
  IndexLayout(uint64_t num_samples, uint64_t num_languages);

  uint64_t token_begin, id, key, target_begin, media_begin, text_bytes, string_begin, language,
      flags, row, alike, length;
};

inline uint64_t aligned(uint64_t bytes) {
  return (bytes + kSectionAlignment - 1) / kSectionAlignment * kSectionAlignment;
}

/// The id of a sample, XXH3-64 over tokens (as i32), target runs, and for each medium its record
/// (without its place in the shard) and bytes.
uint64_t content_hash(std::span<const int32_t> tokens, std::span<const TargetRun> targets,
                      std::span<const SampleMedia> media);

}  // namespace reka::data
