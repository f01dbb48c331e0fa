#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/item.h"

namespace reka::data {

/// What a sample comes from.
struct Origin {
  static constexpr uint64_t kUnknown = ~uint64_t{0};

  uint64_t row = kUnknown;  // in signals.bin, of those of its source: others do not move it
  uint32_t alike = 1;       // documents that are the same or nearly so, of which this one was kept
};

/// A tokenized document as it stands in a shard; its views stay valid while the shard is open.
/// `tokens` ends with <|endoftext|>; a media item is one placeholder between its two marks
/// (<image> <REKA_IMG_TOKEN> </image>), however many soft tokens the model makes of it.
struct SampleView {
  uint64_t id = 0;              // XXH3-64 of the content: tokens, target runs, media
  std::vector<int32_t> tokens;  // unpacked: on disk they have two or four bytes
  std::span<const TargetRun> targets;
  std::vector<SampleMedia> media;
  int64_t text_bytes = 0;  // UTF-8 bytes of the text that is predicted, for bits per byte
  std::string_view document_id;
  bool whole = false;    // never cut into pieces: a chat, or a document with media
  uint64_t key = 0;      // XXH3-64 of Document::key: items of one key are never on two sides
  int32_t source = 0;    // index in Manifest::sources
  int32_t language = 0;  // index in Manifest::languages
  Split split = Split::kTrain;
};

/// The same, owning its memory: what the builder writes.
struct Sample {
  std::vector<int32_t> tokens;
  std::vector<TargetRun> targets;
  std::vector<SampleMedia> media;                         // bytes point into `files`
  std::vector<std::shared_ptr<const std::string>> files;  // encoded media; copies share them
  int64_t text_bytes = 0;
  std::string document_id;
  bool whole = false;
  uint64_t key = 0;
  std::string source;
  std::string language;
  Split split = Split::kTrain;
  Origin origin;
};

}  // namespace reka::data
