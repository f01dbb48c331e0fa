#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace reka::data {

/// The CLDR's words for a character: its spoken name and "keyword | keyword".
struct Annotation {
  std::string name;
  std::string keywords;
};

/// sequence (UTF-8 without U+FE0F) -> words, from an LDML file of annotations. Throws DataError:
/// what is wrong with it.
std::map<std::string, Annotation> parse_annotations(std::string_view xml);

/// annotations/LOCALE.xml with annotationsDerived/LOCALE.xml (skin tones, flags) below the CLDR's
/// folder `common`; the second may be absent. Throws DataError with the path.
std::map<std::string, Annotation> read_annotations(const std::filesystem::path& common,
                                                   const std::string& locale);

/// Sequences that have a name; those in skin tones only if they are asked for.
std::vector<std::string> named_sequences(const std::map<std::string, Annotation>& words,
                                         bool skin_tones);

/// The sequence without skin tones (U+1F3FB ... U+1F3FF) and gender (U+200D U+2640, U+200D U+2642):
/// variants of one picture are on one side of a split.
std::string emoji_group(std::string_view sequence);

/// "1F1E9-1F1EA"
std::string code_points(std::string_view sequence);

struct Emoji {
  std::string sequence;
  std::string group;  // emoji_group; of the first one when several have the same picture
  uint32_t glyph = 0;
};

/// Colour bitmaps (PNG) of a font's CBDT table; sequences are found through its cmap and GSUB.
class EmojiSet {
 public:
  /// Those of `sequences` that the font has a picture for, in their order. Throws DataError when
  /// the font cannot be read or has none.
  EmojiSet(const std::filesystem::path& font, const std::vector<std::string>& sequences);
  ~EmojiSet();
  EmojiSet(const EmojiSet&) = delete;
  EmojiSet& operator=(const EmojiSet&) = delete;

  const std::vector<Emoji>& all() const { return all_; }
  std::string png(const Emoji& emoji) const;

 private:
  struct Font;
  std::unique_ptr<Font> font_;
  std::vector<Emoji> all_;
};

}  // namespace reka::data
