#pragma once

#include <memory>
#include <optional>
#include <string>

#include "data/corpus/detector.h"
#include "data/corpus/document.h"
#include "data/corpus/signal_file.h"
#include "reka/base/config.h"

namespace reka::data {

/// What is done to each document when it is read.
struct PrepareConfig {
  LanguageDetector::Config language;
  Choice personal_data{"keep", {"keep", "replace"}};
  bool measure_media = false;

  void describe(auto& field) {
    field("language", language, "what tells the language of documents that name none");
    field(
        "personal_data", personal_data,
        "e-mail addresses and public IP addresses: left, or replaced by such as email@example.com");
    field("measure_media", measure_media,
          "decode all media for the signals media.blur, scene_cuts, difference, loudness and "
          "silence; done also where a rule, media_duplicates or decontaminate.media_sets needs it");
  }
};

/// Brings documents into the form in which they are compared and kept, and measures them. From any
/// thread.
class Preparer {
 public:
  explicit Preparer(const PrepareConfig& config);

  /// Normalised, with its language (`language` unless empty) and without personal data where that
  /// is asked for; its row without source and language, which are numbers of the whole corpus.
  /// nullopt when nothing is left of the document. Media are decoded where that is asked for, and
  /// then have fingerprints. Throws DataError: one cannot be.
  std::optional<SignalRow> prepare(Document& document, const std::string& language) const;

  const std::string& detector_name() const { return detector_name_; }

 private:
  std::unique_ptr<LanguageDetector> detector_;
  std::string detector_name_;
  bool paragraphs_ = false;
  bool replaces_personal_data_ = false;
  bool decodes_media_ = false;
};

}  // namespace reka::data
