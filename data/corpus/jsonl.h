#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "data/corpus/reader.h"
#include "data/corpus/split.h"
#include "reka/base/config.h"

namespace reka::data {

/// Files of JSON lines, plain or packed.
struct RecordsConfig {
  std::string path;
  int64_t max_record_bytes = 64LL << 20;
  SplitConfig split;

  void describe(auto& field) {
    field("path", path,
          "files below the corpus folder, with * ** and {language}; .gz and .zst are unpacked",
          not_empty);
    field("max_record_bytes", max_record_bytes, "longer lines are skipped, never held in memory",
          between(1, 4e9));
    field("split", split,
          "which records are held out, by \"key\", else \"id\", else the first medium or the text");
  }
};

/// JSON lines, one record a line, with optional "id", "key" and "language":
///   {"text": "...", "image": "a.png", "video": "a.mp4", "audio": "a.ogg"}: media, then the text
///   {"content": [{"type": "text", "text": "..."}, {"type": "image", "image": "a.png"}, ...]}:
///     parts as in OpenAI's messages, in their order
/// Media are paths, beside the file when relative, or data URLs.
struct JsonLinesConfig : RecordsConfig {
  static constexpr std::string_view kName = "jsonl";
};

/// Pages of text and media in turn, JSON lines with several media to a record:
///   {"content": [...]} as above, or {"texts": ["...", null, ...], "images": [null, "a.png", ...]}
/// where each place holds one of the two. Each medium with the text after it is a chunk that ends
/// with <|endofchunk|>.
struct InterleavedConfig : RecordsConfig {
  static constexpr std::string_view kName = "interleaved";
  int64_t max_media = 16;

  void describe(auto& field) {
    RecordsConfig::describe(field);
    field("max_media", max_media, "records with more media than this are skipped", positive);
  }
};

/// Conversations, JSON lines in the way of OpenAI's messages (data/tokens/chat_record.h), in Reka's
/// chat format; only the assistant's turns are targets.
struct ChatConfig : RecordsConfig {
  static constexpr std::string_view kName = "chat";
};

std::unique_ptr<Reader> make_reader(const JsonLinesConfig& config, const ReaderContext& context);
std::unique_ptr<Reader> make_reader(const InterleavedConfig& config, const ReaderContext& context);
std::unique_ptr<Reader> make_reader(const ChatConfig& config, const ReaderContext& context);

}  // namespace reka::data
