#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "data/corpus/collect.h"
#include "data/corpus/reader.h"

namespace reka::data {

/// Everything that a reader gives, unit after unit.
struct ReadAll {
  std::vector<Document> documents;
  std::vector<Skipped> skipped;
  Findings findings;
  std::vector<std::string> notes;

  explicit ReadAll(const Reader& reader) {
    for (size_t unit = 0; unit < reader.num_units(); ++unit) {
      reader.read(
          unit, [&](Document&& document) { documents.push_back(std::move(document)); },
          [&](const Skipped& item) { skipped.push_back(item); });
      findings.add(reader.findings(unit));
    }
    for (const auto& [name, count] : findings.counts) {
      if (auto note = reader.note(name, count); !note.empty()) notes.push_back(std::move(note));
    }
  }

  const Document* find(const std::string& id) const {
    for (const auto& document : documents) {
      if (document.id == id) return &document;
    }
    return nullptr;
  }
};

inline Document text_document(const std::string& text, Split split = Split::kTrain) {
  Document document;
  document.split = split;
  document.parts = {{.text = text}};
  return document;
}

/// A collection of these documents, two in each chunk.
inline void fill(const std::vector<Document>& documents, Collection& corpus) {
  corpus.languages = {"en"};
  for (size_t n = 0; n < documents.size(); n += 2) {
    std::string packed;
    const auto count = std::min<size_t>(2, documents.size() - n);
    for (size_t i = n; i < n + count; ++i) {
      pack_document(documents[i], packed);
      DocumentMark mark{.content = content_hash(documents[i]), .split = documents[i].split};
      for (const auto& part : documents[i].parts) {
        mark.text_bytes += static_cast<uint32_t>(part.text.size());
      }
      corpus.marks.push_back(mark);
    }
    corpus.chunks.push_back({corpus.spool.write(packed), 0, n, count});
  }
}

}  // namespace reka::data
