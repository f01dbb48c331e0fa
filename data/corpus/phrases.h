#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/corpus/reader.h"
#include "data/corpus/split.h"

namespace reka::data {

/// A short text, and what all its translations have in common: an English message, a code.
struct Phrase {
  std::string key;
  std::string text;
};

/// Phrases of one kind in one language; `id` and `key` begin those of its documents.
struct PhraseList {
  std::string id;
  std::string key;
  std::string language;
  std::vector<Phrase> phrases;
};

/// Puts phrases together, one on a line, in documents that are closed at `document_characters`:
/// those in training in their order, those held out by the class of their key, so that a document
/// never mixes sides and documents of the same phrases in two languages have one key.
void emit_phrases(const PhraseList& list, const SplitConfig& split, int64_t document_characters,
                  const ReaderContext& context, const DocumentSink& emit);

}  // namespace reka::data
