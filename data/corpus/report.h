#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "data/corpus/document.h"
#include "data/corpus/fate.h"
#include "data/shards/sample.h"
#include "reka/base/json.h"

namespace reka::data {

/// What was skipped, by reason (the finding with its numbers as #), with the first few by name.
class SkipCounts {
 public:
  struct Reason {
    int64_t count = 0;
    std::vector<Skipped> examples;

    static auto members(auto& self) { return std::tie(self.count, self.examples); }
  };

  void add(const Skipped& item);
  void add(const SkipCounts& later);  // of what comes after in the source
  int64_t total() const;
  const std::map<std::string, Reason>& reasons() const { return reasons_; }

  static auto members(auto& self) { return std::tie(self.reasons_); }

 private:
  std::map<std::string, Reason> reasons_;
};

/// What became of one source on its way.
struct SourceReport {
  SkipCounts skipped;
  std::map<std::string, int64_t> taken_out;  // pieces of documents that stay, by Selection's edit
  std::vector<std::string> notes;            // of its reader
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
  /// Documents that were read, whatever became of them.
  struct Fated {
    int64_t documents = 0;
    int64_t text_bytes = 0;
  };
  using FateCell = std::tuple<std::string, std::string, Fate>;  // source, language
  using Cell = std::tuple<std::string, std::string, Modality, Split>;

  void add(const Sample& sample);
  void add_fate(const std::string& source, const std::string& language, const Fate& fate,
                int64_t text_bytes);
  SourceReport& source(const std::string& name) { return sources_[name]; }
  const std::map<Cell, Counts>& cells() const { return cells_; }
  const std::map<std::string, SourceReport>& sources() const { return sources_; }

  const std::map<FateCell, Fated>& fates() const { return fates_; }

  Counts total() const;
  int64_t dropped(const std::string& source) const;  // documents, for any reason
  /// Everything; one row for each cell, sources and languages summed up, what was skipped.
  Json json() const;

 private:
  std::map<Cell, Counts> cells_;
  std::map<FateCell, Fated> fates_;
  std::map<std::string, SourceReport> sources_;
};

}  // namespace reka::data
