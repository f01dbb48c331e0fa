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

/// Where the pictures and the words for them are.
struct EmojiFiles {
  std::string font = "fonts-noto-color-emoji/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf";
  std::string annotations = "unicode-cldr-core/usr/share/unicode/cldr/common";

  void describe(auto& field) {
    field("font", font, "font with colour bitmaps (CBDT)", not_empty);
    field("annotations", annotations, "the CLDR's folder common, with annotations/LOCALE.xml",
          not_empty);
  }
};

/// Emoji with the CLDR's spoken name as the caption: one document for each picture and language.
/// The first language's names decide which pictures there are; each has a caption in it, and in
/// captions - 1 of the others, which are drawn by the picture's hash.
struct EmojiConfig {
  static constexpr std::string_view kName = "emoji";
  EmojiFiles files;
  std::vector<std::string> languages = {"en", "de", "fr", "es", "it", "pt", "nl", "ca", "gl", "eu",
                                        "da", "sv", "fi", "et", "pl", "cs", "sk", "sl", "hu", "ro",
                                        "bg", "sr", "hr", "el", "ru", "uk", "tr", "id", "vi", "ja",
                                        "ko", "zh", "km", "hi", "ta", "ml", "mr", "gu", "bn", "ar"};
  int64_t captions = 3;
  bool keywords = false;
  bool skin_tones = false;
  SplitConfig split{.modulus = 20, .test = 1, .dev = 1};

  void describe(auto& field) {
    field("files", files, "where the pictures and the words for them are");
    field("languages", languages, "CLDR locales; the first has a caption for every picture",
          not_empty);
    field("captions", captions, "captions of each picture, each in another language", positive);
    field("keywords", keywords, "write the keywords too, on a second line");
    field("skin_tones", skin_tones, "take the variants in five skin tones too");
    field("split", split, "which pictures are held out, by the sequence without its variants");
  }
};

std::unique_ptr<Reader> make_reader(const EmojiConfig& config, const ReaderContext& context);

}  // namespace reka::data
