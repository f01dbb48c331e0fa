#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "data/corpus/mark.h"
#include "data/corpus/reader.h"
#include "data/corpus/report.h"
#include "data/corpus/signal_file.h"
#include "data/corpus/spool.h"

namespace reka::data {

/// Documents of one unit that stand together in the spool.
struct ReadChunk {
  SharedSpool::Place place;
  std::vector<DocumentMark> marks;  // their language is set later
  std::vector<std::string> languages;
  std::vector<SignalRow> rows;  // their source and language are set later

  static auto members(auto& self) {
    return std::tie(self.place, self.marks, self.languages, self.rows);
  }
};

/// What is kept of a unit of a source that was read up to where a chunk was full, or to its end.
struct ReadPart {
  std::optional<ReadChunk> chunk;  // none: nothing was left of the documents
  SkipCounts skipped;
  std::vector<uint64_t> held_out_lines;
  Findings findings;

  static auto members(auto& self) {
    return std::tie(self.chunk, self.skipped, self.held_out_lines, self.findings);
  }
};

/// A part in the spool, of what the unit's reader told of from `begin` on before `end`.
struct PlacedPart {
  uint64_t begin = 0;
  uint64_t end = 0;
  bool last = false;
  SharedSpool::Place place;

  static auto members(auto& self) { return std::tie(self.begin, self.end, self.last, self.place); }
};

}  // namespace reka::data
