#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "data/corpus/reader.h"
#include "data/corpus/split.h"
#include "reka/base/config.h"

namespace reka::data {

/// Tar archives in the way of WebDataset: members that stand together and are equal up to the first
/// dot of their names are one sample. Pictures, clips and sounds stand before the text: a .txt, or
/// else a key of a .json.
struct WebDatasetConfig {
  static constexpr std::string_view kName = "webdataset";
  std::string path;
  std::string caption_key = "caption";
  int64_t max_file_bytes = 1LL << 30;
  SplitConfig split;

  void describe(auto& field) {
    field("path", path,
          "tar archives below the corpus folder, with * ** and {language}; .gz and .zst are "
          "unpacked",
          not_empty);
    field("caption_key", caption_key,
          "key of a sample's .json that holds its text, when it has no .txt", not_empty);
    field("max_file_bytes", max_file_bytes,
          "samples with a larger file are skipped, never held in memory", positive);
    field("split", split, "which samples are held out, by the first medium, else the text");
  }
};

std::unique_ptr<Reader> make_reader(const WebDatasetConfig& config, const ReaderContext& context);

}  // namespace reka::data
