#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "data/item.h"
#include "data/media/fingerprint.h"

namespace reka::data {

/// A piece of a document. Text never yields a special id; specials are named, media are indexed.
struct Part {
  enum class Kind : uint8_t { kText, kMedia, kSpecial };

  Kind kind = Kind::kText;
  std::string text;    // kText: UTF-8; kSpecial: the symbol, such as "<|endofchunk|>" or "<sep>"
  size_t media = 0;    // kMedia: index in Document::media
  bool target = true;  // whether the loss counts it; media never count

  static auto members(auto& self) {
    return std::tie(self.kind, self.text, self.media, self.target);
  }
};

/// One item of a corpus: text, a picture with its caption, an interleaved page, a rendered chat.
struct Document {
  std::string id;      // unique and stable inside its source: "gnome-help/de/a11y.page"
  std::string key;     // what the split is decided by: all with one key are on one side
  std::string source;  // name in data.sources
  std::string
      language;  // BCP 47 as the corpus gives it or as detected: "de", "zh-Hant"; "" unknown
  Split split = Split::kTrain;
  bool whole = false;  // a record such as a chat, which must not be cut to fit a row
  std::vector<Part> parts;
  std::vector<MediaFile> media;
  std::vector<Fingerprint> fingerprints;  // of each medium; none: media were not decoded

  static auto members(auto& self) {
    return std::tie(self.id, self.key, self.source, self.language, self.split, self.whole,
                    self.parts, self.media, self.fingerprints);
  }
};

/// What a reader could not use: counted and named in the report, never silently lost.
struct Skipped {
  std::string place;    // file, or file:line, or package/path
  std::string finding;  // "not UTF-8 at byte 17", "image cannot be decoded"

  static auto members(auto& self) { return std::tie(self.place, self.finding); }
};

/// A finding without the place that stands first in it.
std::string_view without_place(std::string_view finding, std::string_view place);

/// All text, a line for each part.
std::string text_of(const Document& document);

/// Characters of all text.
int64_t count_text_characters(const Document& document);

using DocumentSink = std::function<void(Document&&)>;
using SkipSink = std::function<void(const Skipped&)>;

}  // namespace reka::data
