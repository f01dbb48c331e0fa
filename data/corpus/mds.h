#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "data/corpus/reader.h"
#include "data/corpus/split.h"
#include "reka/base/config.h"

namespace reka::data {

/// Folders in MosaicML Streaming's MDS format, plain or packed with zstd or gz. Hashes that
/// index.json gives are checked. A sample is its media and then its text, or else the texts that
/// its token ids stand for, a document each.
struct MdsConfig {
  static constexpr std::string_view kName = "mds";
  std::string path;
  std::string text = "text";
  std::string tokens = "tokens";
  std::string tokenizer;
  std::string token_type = "int64";
  std::string image = "image";
  std::string video = "video";
  std::string audio = "audio";
  std::string id = "id";
  std::string language = "language";
  int64_t max_shard_bytes = 1LL << 30;
  SplitConfig split;

  void describe(auto& field) {
    field("path", path, "files index.json below the corpus folder, with * ** and {language}",
          not_empty);
    field("text", text, "column with text (str, bytes, json)");
    field("tokens", tokens,
          "column with token ids (ndarray, json, bytes), read where there is no text");
    field("tokenizer", tokenizer,
          "what made the token ids: a tokenizer.model or the folder of one");
    field("token_type", token_type, "NumPy's type of token ids in a column of bytes", not_empty);
    field("image", image, "column with a picture (jpeg, png, bytes)");
    field("video", video, "column with a clip (bytes)");
    field("audio", audio, "column with a sound (bytes)");
    field("id", id, "column with a name of the sample (str, int)");
    field("language", language, "column with the language (str)");
    field("max_shard_bytes", max_shard_bytes,
          "packed shards that are larger when unpacked are skipped, never held in memory",
          between(1, 4e9));
    field("split", split, "which samples are held out, by id, else the first medium or the text");
  }
};

std::unique_ptr<Reader> make_reader(const MdsConfig& config, const ReaderContext& context);

}  // namespace reka::data
