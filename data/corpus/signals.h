#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/media/measure.h"
#include "reka/base/media.h"

namespace reka::data {

/// One measure of a text. The version changes with its definition; `meaning` is exact.
struct SignalColumn {
  std::string_view name;  // "gopher.mean_word_length"
  int version = 1;
  std::string_view meaning;
};

/// A signal that a text does not have, such as a share of no words. No rule judges it.
inline constexpr float kNoSignal = std::numeric_limits<float>::quiet_NaN();

/// A medium of a document: what its container tells, and what decoding does where that was done.
struct MeasuredMedia {
  Geometry geometry;
  MediaMeasures measures;
};

/// What the signals of a document are computed from. `words` are of `text`, in their order.
struct SignalText {
  std::string_view text;
  std::string_view language;  // tag; "": unknown
  std::vector<std::string_view> words;
  std::function<int64_t(std::string_view line)> count_sentences;
  float language_score = kNoSignal;   // of `language`
  float paragraph_share = kNoSignal;  // characters in paragraphs of `language`
  int64_t emails = 0;
  int64_t ips = 0;
  std::vector<MeasuredMedia> media;  // beside the text
  int64_t caption_characters = 0;    // of the text beside media

  // Follow from the above: set_lengths.
  int64_t characters = 0;
  std::vector<uint32_t> word_characters;  // of each word

  void set_lengths();
};

/// All columns, in the order of a row.
std::span<const SignalColumn> signal_columns();

/// The column of that name, or -1.
int find_signal(std::string_view name);
std::vector<std::string> signal_names();

/// Whether it is one of media: "media.side".
inline bool is_media_signal(std::string_view name) {
  return name.starts_with("media.");
}
/// Whether media must be decoded for it.
bool needs_decoded_media(std::string_view name);

/// "gopher.mean_word_length/1"
std::string versioned_name(const SignalColumn& column);

/// One value for each column; a text of any size, also an empty one, in time that grows with its
/// length.
std::vector<float> compute_signals(const SignalText& text);

/// A family fills its part of the row.
struct SignalFamily {
  std::span<const SignalColumn> columns;
  void (*compute)(const SignalText& text, std::span<float> values);
};
SignalFamily gopher_signals();
SignalFamily repetition_signals();
SignalFamily line_signals();
SignalFamily c4_signals();
SignalFamily text_signals();
SignalFamily media_signals();

/// part / whole; kNoSignal of nothing.
inline float share(int64_t part, int64_t whole) {
  if (whole == 0) return kNoSignal;
  return static_cast<float>(static_cast<double>(part) / static_cast<double>(whole));
}

}  // namespace reka::data
