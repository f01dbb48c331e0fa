#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "data/corpus/reader.h"
#include "data/corpus/split.h"
#include "reka/base/config.h"

namespace reka::data {

/// Parquet files, a row a document: its media, then its text. Media are bytes, or {bytes, path} as
/// Hugging Face writes them. Only a program built with -DREKA_PARQUET=ON reads them.
struct ParquetConfig {
  static constexpr std::string_view kName = "parquet";
  std::string path;
  std::string text = "text";
  std::string image = "image";
  std::string video = "video";
  std::string audio = "audio";
  std::string id = "id";
  std::string url = "url";
  std::string language = "language";
  SplitConfig split;

  void describe(auto& field) {
    field("path", path, "files below the corpus folder, with * ** and {language}", not_empty);
    field("text", text, "column with text", not_empty);
    field("image", image, "column with a picture, read where there is one");
    field("video", video, "column with a clip, read where there is one");
    field("audio", audio, "column with a sound, read where there is one");
    field("id", id, "column with a name of the row, read where there is one");
    field("url", url, "column with an address: the name of a row without id");
    field("language", language, "column with the language, read where there is one");
    field("split", split,
          "which rows are held out, by their address, else id, else the first medium or the text");
  }
};

std::unique_ptr<Reader> make_reader(const ParquetConfig& config, const ReaderContext& context);

}  // namespace reka::data
