#pragma once

#include <string>
#include <vector>

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

}  // namespace reka::data
