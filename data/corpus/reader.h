#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

#include "data/corpus/document.h"
#include "data/corpus/files.h"

namespace reka::data {

/// What a source's name and place in the configuration give to its reader.
struct ReaderContext {
  std::string source;          // name in data.sources: Document::source
  std::filesystem::path root;  // folder of the fetched packages; relative paths start here
};

/// What a reader finds in a unit besides documents.
struct Findings {
  FileStates opened;                      // further files that it opened or tried to, as they were
  std::map<std::string, int64_t> counts;  // by names that note() understands

  void add(const Findings& later);
  bool operator==(const Findings&) const = default;
  static auto members(auto& self) { return std::tie(self.opened, self.counts); }
};

/// Findings of units, each of which is read by one thread: noted by a reader until they are asked
/// for.
class FindingsOfUnits {
 public:
  Findings& of(size_t unit);
  /// What was noted since the last call.
  Findings take(size_t unit);

 private:
  std::mutex mutex_;
  std::map<size_t, Findings> units_;
};

/// Reads one source. The work is divided in units (a file, a language, a range of clips) that
/// several threads read at once, in any order; the documents of all units in the order of their
/// numbers are the source. Nothing may depend on threads, clocks or the order of a folder.
///
/// A document leaves with id, key, split, source, language ("" when unknown), parts and media.
/// What cannot be used goes to the SkipSink with its place and reason; a reader never throws for a
/// bad file, only for a source of which nothing is there (DataError, from the constructor). The
/// same files give the same calls of both sinks in the same order: how many there were is the
/// position within a unit, from which an interrupted build goes on.
class Reader {
 public:
  virtual ~Reader() = default;

  virtual size_t num_units() const = 0;
  virtual void read(size_t unit, const DocumentSink& emit, const SkipSink& skip) const = 0;
  /// Every file that the documents depend on, sorted: a changed one makes a built corpus stale.
  virtual std::vector<std::filesystem::path> inputs() const = 0;
  /// What read() of this unit has found besides documents since this was asked last: once it has
  /// returned, and also by a sink that it calls.
  virtual Findings findings(size_t /*unit*/) const { return {}; }
  /// What a person should know of that: how often `name` was counted, as a line; "" if nothing.
  virtual std::string note(const std::string& /*name*/, int64_t /*count*/) const { return ""; }
};

/// Emits what `make` gives; where that throws DataError, `place` is skipped. What `emit` throws is
/// no fault of the item.
void emit_or_skip(const std::string& place, const std::function<Document()>& make,
                  const DocumentSink& emit, const SkipSink& skip);

// The header of a reader holds its config (kName, describe, `SplitConfig split` with the default of
// that kind of data) and `std::unique_ptr<Reader> make_reader(const XConfig&, const
// ReaderContext&)`; its config is then named once in the OneOf of data/corpus/source.h.

}  // namespace reka::data
