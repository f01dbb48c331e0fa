#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "data/corpus/reader.h"
#include "data/corpus/split.h"
#include "reka/base/config.h"

namespace reka::data {

/// Recorded letters and syllables of KDE's KLettres: LOCALE/sounds.xml names the Ogg files. A
/// document is a recording and the text that is spoken; recordings that are not listed are no
/// documents. Language and text, in lower case, are the key: a second recording of a held-out
/// letter is held out too.
struct KlettresConfig {
  static constexpr std::string_view kName = "klettres";
  std::string path = "klettres-data/usr/share/klettres";
  SplitConfig split{.modulus = 10, .test = 1, .dev = 1};

  void describe(auto& field) {
    field("path", path, "folder with LOCALE/sounds.xml", not_empty);
    field("split", split, "which recordings are held out, by language and text");
  }
};

/// A recording and what is said, as sounds.xml has it: `file` is relative to the folder of locales.
struct NamedSound {
  std::string text;
  std::string file;
};

/// Throws DataError: what is wrong with the file.
std::vector<NamedSound> parse_sounds(std::string_view xml);

std::unique_ptr<Reader> make_reader(const KlettresConfig& config, const ReaderContext& context);

}  // namespace reka::data
