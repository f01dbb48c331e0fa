#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "data/corpus/document.h"
#include "data/shards/sample.h"
#include "reka/base/json.h"

namespace reka::data {

/// What was skipped, by reason (the finding with its numbers as #), with the first few by name.
class SkipCounts {
 public:
  struct Reason {
    int64_t count = 0;
    std::vector<Skipped> examples;
  };

  void add(const Skipped& item);
  void add(const SkipCounts& later);  // of what comes after in the source
  int64_t total() const;
  const std::map<std::string, Reason>& reasons() const { return reasons_; }

 private:
  std::map<std::string, Reason> reasons_;
};

/// What became of one source on its way.
struct SourceReport {
  SkipCounts skipped;
  int64_t duplicates = 0;          // documents whose content stands in an earlier one
  int64_t repeated_lines = 0;      // lines of held-out texts that stand in training text too
  int64_t emptied = 0;             // held-out documents of which nothing was left by that
  std::vector<std::string> notes;  // of its reader
};

/// Documents, bytes and tokens of a corpus by source, language, modality and split.
class CorpusReport {
 public:
  struct Counts {
    int64_t documents = 0;
    int64_t text_bytes = 0;
    int64_t text_tokens = 0;  // tokens that are predicted, without <|endoftext|>
    int64_t tokens = 0;       // all, with one for each medium
    int64_t media = 0;
    int64_t media_bytes = 0;

    Counts& operator+=(const Counts& other);
  };
  using Cell = std::tuple<std::string, std::string, Modality, Split>;

  void add(const Sample& sample);
  SourceReport& source(const std::string& name) { return sources_[name]; }
  const std::map<Cell, Counts>& cells() const { return cells_; }
  const std::map<std::string, SourceReport>& sources() const { return sources_; }

  Counts total() const;
  /// Everything; one row for each cell, sources and languages summed up, what was skipped.
  Json json() const;

 private:
  std::map<Cell, Counts> cells_;
  std::map<std::string, SourceReport> sources_;
};

}  // namespace reka::data
