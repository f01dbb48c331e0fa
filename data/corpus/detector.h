#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "data/corpus/language.h"
#include "reka/base/config.h"

namespace reka::data {

struct Cld2Config {
  static constexpr std::string_view kName = "cld2";
  bool paragraphs = false;

  void describe(auto& field) {
    field(
        "paragraphs", paragraphs,
        "also look at each line: the signal language.paragraph_share (a third more reading time)");
  }
};

struct FastTextConfig {
  static constexpr std::string_view kName = "fasttext";
  std::string path;
  double min_score = 0.5;
  bool paragraphs = false;

  void describe(auto& field) {
    field("path", path, "the model's file: lid.176.ftz or lid.176.bin", not_empty);
    field("min_score", min_score, "below this probability the language is unknown", fraction);
    field("paragraphs", paragraphs,
          "also look at each line: the signal language.paragraph_share (doubles the time)");
  }
};

/// What tells the language of a text. Its functions may be called from any thread.
class LanguageDetector {
 public:
  using Config = OneOf<Cld2Config, FastTextConfig>;

  /// Throws DataError when the model's file is none.
  static std::unique_ptr<LanguageDetector> make(const Config& config);
  virtual ~LanguageDetector() = default;

  /// The likeliest first; empty when nothing can be told. Text is UTF-8.
  virtual std::vector<LanguageGuess> guess(std::string_view text) const = 0;
};

/// What a detector says of a document whose language the corpus may name (`tag`, else "").
struct DetectedLanguage {
  std::string tag;
  float score = 0;            // of `tag`; kNoSignal when the detector says nothing of a named one
  float paragraph_share = 0;  // of characters in lines of `tag`; kNoSignal unless asked for
};
DetectedLanguage detect(const LanguageDetector& detector, std::string_view text, std::string tag,
                        bool paragraphs);

}  // namespace reka::data
