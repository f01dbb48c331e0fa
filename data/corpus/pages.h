#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "data/corpus/reader.h"
#include "data/corpus/split.h"
#include "reka/base/config.h"

namespace reka::data {

/// A folder of pages of which each language has its own copy under the same name.
struct PagesConfig {
  std::string path;
  std::string source_language;
  int64_t min_characters = 200;
  int64_t max_page_bytes = 256LL << 20;
  SplitConfig split;

  void describe(auto& field) {
    field("path", path,
          "files below the corpus folder, with * ** and {language}; .gz and .zst are unpacked",
          not_empty);
    field("source_language", source_language,
          "the {language} that the others are translated from: its blocks are dropped in them");
    field("min_characters", min_characters, "pages with less text than this are skipped",
          not_negative);
    field("max_page_bytes", max_page_bytes, "larger pages are skipped, never held in memory",
          positive);
    field("split", split, "which pages are held out, by their path without the language");
  }
};

struct HtmlConfig : PagesConfig {
  static constexpr std::string_view kName = "html";
};

/// Mallard help pages (GNOME): XML with p, title, item, td.
struct MallardConfig : PagesConfig {
  static constexpr std::string_view kName = "mallard";
};

/// Plain text files, one document each.
struct TextConfig : PagesConfig {
  static constexpr std::string_view kName = "text";
};

/// One page = one document, one block of text = one line; key = path without language.
std::unique_ptr<Reader> make_reader(const HtmlConfig& config, const ReaderContext& context);
std::unique_ptr<Reader> make_reader(const MallardConfig& config, const ReaderContext& context);
std::unique_ptr<Reader> make_reader(const TextConfig& config, const ReaderContext& context);

}  // namespace reka::data
