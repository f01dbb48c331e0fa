#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/corpus/crew.h"
#include "data/corpus/journal.h"
#include "data/corpus/mark.h"
#include "data/corpus/prepare.h"
#include "data/corpus/report.h"
#include "data/corpus/scratch_vector.h"
#include "data/corpus/signal_file.h"
#include "data/corpus/source.h"
#include "data/corpus/spool.h"

namespace reka::data {

struct Source {
  std::string name;
  SourceConfig config;
  std::unique_ptr<Reader> reader;
};

/// All documents of a corpus in their order: normalised, of known language, on disk; what decides
/// about them stands in memory.
struct Collection {
  /// Documents that stand together, of one source: [first, first + count) of `marks`.
  struct Chunk {
    SharedSpool::Place place;
    size_t source = 0;
    size_t first = 0;
    size_t count = 0;
  };

  /// Goes on with what earlier processes have left in the folder. All ranks make theirs, each in
  /// the same folder.
  explicit Collection(const std::filesystem::path& folder, size_t rank = 0);

  SharedJournal units;  // by the number of the unit, of all sources, and of the part: PlacedPart
  SharedSpool spool;    // of packed documents, and of a ReadPart behind those of each part
  std::vector<Chunk> chunks;
  ScratchVector<DocumentMark> marks;
  std::optional<SignalFile> signals;          // once all is read: a row for each mark
  std::vector<std::string> languages;         // by DocumentMark::language
  std::vector<uint64_t> held_out_lines;       // xxh3_64 of the lines of held-out text
  std::map<std::string, SkipCounts> skipped;  // by source
  std::map<std::string, Findings> findings;   // by source

  const Chunk& chunk_of(size_t number) const;
  /// One document, with all that stand in its chunk read.
  Document document(size_t number) const;

  const std::string& language_of(size_t document) const {
    return languages[marks[document].language];
  }
  /// The first document of a source that has any.
  size_t first_of(size_t source) const {
    return std::ranges::lower_bound(chunks, source, {}, &Chunk::source)->first;
  }
  /// Of the content, side and language of all documents.
  uint64_t hash() const;
};

/// Reads all units of all sources; the result depends neither on the crew nor on what was read by
/// an earlier one. The rows of signals stand on the disk of `folder`, until they are saved
/// elsewhere.
void collect(const std::vector<Source>& sources, const Crew& crew, const PrepareConfig& config,
             const std::filesystem::path& folder, Collection& collection);

}  // namespace reka::data
