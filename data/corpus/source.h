#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "data/corpus/cldr.h"
#include "data/corpus/emoji.h"
#include "data/corpus/emoji_video.h"
#include "data/corpus/gettext.h"
#include "data/corpus/jsonl.h"
#include "data/corpus/klettres.h"
#include "data/corpus/mds.h"
#include "data/corpus/media_folder.h"
#include "data/corpus/megatron.h"
#include "data/corpus/pages.h"
#include "data/corpus/parquet.h"
#include "data/corpus/reader.h"
#include "data/corpus/webdataset.h"
#include "reka/base/config.h"

namespace reka::data {

/// One source of a corpus, by its name in `sources`.
struct SourceConfig {
  OneOf<HtmlConfig, MallardConfig, TextConfig, GettextConfig, CldrConfig, JsonLinesConfig,
        InterleavedConfig, ChatConfig, WebDatasetConfig, MediaFolderConfig, MdsConfig,
        MegatronConfig, ParquetConfig, EmojiConfig, EmojiVideoConfig, KlettresConfig>
      reader;
  std::string package;
  std::string version;
  std::string licence;
  std::string language;
  int64_t weight = 1;

  void describe(auto& field) {
    field("reader", reader, "what the files are and where");
    field("package", package, "where the files come from, recorded in the manifest");
    field("version", version,
          "of the package, where scripts/fetch_corpus leaves none, recorded in the manifest");
    field("licence", licence, "SPDX name, recorded in the manifest");
    field("language", language, "language of all its documents; empty: as the files say, or CLD2");
    field("weight", weight, "share of the rows of training, against the sum of all weights",
          not_negative);
  }
};

std::unique_ptr<Reader> open_source(const SourceConfig& config, const ReaderContext& context);

}  // namespace reka::data
