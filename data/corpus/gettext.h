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

/// One message of a catalogue: `id` is the source text without its context; `forms` are the
/// translation and its plural forms.
struct Message {
  std::string id;
  std::vector<std::string> forms;
};

/// The messages of a GNU .mo catalogue of either byte order, in the order of the file, without its
/// header. Throws DataError: what is wrong with it.
std::vector<Message> parse_mo(std::string_view bytes);

/// Compiled translations (.mo). Messages of one file whose ids fall in one class of the split are
/// put together, one on a line, into documents of about `document_characters`; so no message of
/// the test set is seen in training in any language. Texts equal to their id are untranslated and
/// left out; the ids themselves are the documents of `source_language`.
struct GettextConfig {
  static constexpr std::string_view kName = "gettext";
  std::string path;
  std::string source_language = "en";
  int64_t document_characters = 1000;
  SplitConfig split;

  void describe(auto& field) {
    field("path", path, "files below the corpus folder, with * ** and {language}", not_empty);
    field("source_language", source_language, "language of the message ids; empty: leave them out");
    field("document_characters", document_characters, "characters at which a document is closed",
          positive);
    field("split", split, "which messages are held out, by their English id");
  }
};

std::unique_ptr<Reader> make_reader(const GettextConfig& config, const ReaderContext& context);

}  // namespace reka::data
