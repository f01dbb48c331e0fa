#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "data/corpus/reader.h"
#include "data/corpus/split.h"
#include "reka/base/config.h"

namespace reka::data {

/// Pictures, clips or sounds as files, each with its text beside it: in a metadata.jsonl or
/// metadata.csv of its folder or of one above (with `file_name` below that folder, as Hugging
/// Face's imagefolder has it), else in a file of the same name that ends with .txt, .caption or
/// .json.
struct MediaFolderConfig {
  static constexpr std::string_view kName = "media_folder";
  std::string path;
  std::string caption_key = "text";
  SplitConfig split;

  void describe(auto& field) {
    field("path", path,
          "files below the corpus folder, with * ** and {language}; those that are no media are "
          "left out",
          not_empty);
    field("caption_key", caption_key, "column of the metadata, and key of a .json, with the text",
          not_empty);
    field("split", split, "which files are held out, by their bytes");
  }
};

std::unique_ptr<Reader> make_reader(const MediaFolderConfig& config, const ReaderContext& context);

}  // namespace reka::data
