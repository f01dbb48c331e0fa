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

/// A value that stands for that of the parent locale.
inline constexpr std::string_view kInherited = "↑↑↑";

/// Names of languages, scripts, territories, currencies and units out of the Unicode CLDR's locale
/// files (LDML). One document holds names of one kind in one language, one on a line; the split
/// is by the code that is named, so no translation of a held-out name is seen in training.
struct CldrConfig {
  static constexpr std::string_view kName = "cldr";
  std::string path;
  int64_t document_characters = 1000;
  SplitConfig split;

  void describe(auto& field) {
    field("path", path, "LDML files below the corpus folder, with * ** and {language}", not_empty);
    field("document_characters", document_characters, "characters at which a document is closed",
          positive);
    field("split", split, "which names are held out, by the code that they name");
  }
};

/// One name: `kind` is "territory", `code` is "DE", `name` is "Allemagne".
struct CldrName {
  std::string kind;
  std::string code;
  std::string name;
};

/// Throws DataError: what is wrong with the file.
std::vector<CldrName> cldr_names(std::string_view xml);

std::unique_ptr<Reader> make_reader(const CldrConfig& config, const ReaderContext& context);

}  // namespace reka::data
