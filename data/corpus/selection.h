#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "data/corpus/collect.h"
#include "data/corpus/crew.h"
#include "data/corpus/fate.h"
#include "data/corpus/kept_passes.h"
#include "reka/base/progress.h"

namespace reka::data {

/// What is left of a collection: the fate of each document, and what is taken out of those that
/// stay. Stages (data/corpus/stage.h) lower the fates one after the other.
class Selection {
 public:
  /// Takes something out of a document and tells how many pieces; from any thread, several times.
  using Edit = std::function<int64_t(size_t number, Document& document)>;

  struct Numbered {
    size_t number = 0;  // in Collection::marks
    Document document;
  };
  struct Chunk {
    std::vector<Numbered> documents;  // the kept ones, edited
    std::vector<size_t> emptied;      // numbers of those of which edits left nothing
    std::vector<int64_t> edited;      // pieces taken out, by edit
  };

  /// Where passes are kept, an interrupted build goes on within one.
  Selection(const Collection& corpus, Crew crew, KeptPasses* passes = nullptr)
      : corpus_(corpus), crew_(std::move(crew)), passes_(passes), fates_(corpus.marks.size()) {}

  const Collection& corpus() const { return corpus_; }
  const Crew& crew() const { return crew_; }

  bool keeps(size_t number) const { return fates_[number] == 0; }
  bool trains_on(size_t number) const {
    return keeps(number) && corpus_.marks[number].split == Split::kTrain;
  }
  const Fate& fate(size_t number) const { return names_[fates_[number]]; }
  /// The first reason stays. Not while another thread reads.
  void drop(size_t number, const Fate& reason);

  /// So many documents are dropped for being the same as this one, or nearly so.
  void add_alike(size_t number, uint32_t dropped);
  /// How many documents are the same as this one or nearly so, itself included.
  uint32_t alike(size_t number) const { return others_.empty() ? 1 : 1 + others_[number]; }

  /// From now on documents are read with this edit done, behind those before. The report counts
  /// the pieces under `name`.
  void add_edit(const std::string& name, Edit edit);
  const std::vector<std::string>& edits() const { return edit_names_; }

  Chunk read(const Collection::Chunk& chunk) const;
  /// One of those that are kept, edited; with all that stand in its chunk read.
  Document document(size_t number) const;

  /// One pass over what is left: work(number, document) from several threads of all ranks, then
  /// use(number, result) in the calling thread of every rank in the order of the numbers. What a
  /// stage keeps must come through `use`. The time is shown as that of `name`. The results stay on
  /// disk for an interrupted build, unless they are `large` for the time that they took.
  template <typename Result, typename Work, typename Use>
  void visit(const std::string& name, const Work& work, const Use& use, bool large = false) const {
    using Results = std::vector<std::pair<size_t, Result>>;
    Progress progress(name, static_cast<int64_t>(corpus_.chunks.size()), "parts");
    const auto work_on = [&](size_t n) {
      Results results;
      for (auto& found : read(corpus_.chunks[n]).documents) {
        results.emplace_back(found.number, work(found.number, std::move(found.document)));
      }
      return results;
    };
    const auto use_all = [&](Results&& results) {
      for (auto& result : results) use(result.first, std::move(result.second));
      progress.advance();
    };
    if (passes_ == nullptr || large) {
      crew_.run<Results>(corpus_.chunks.size(), work_on,
                         [&](size_t, Results&& results) { use_all(std::move(results)); });
    } else {
      passes_->run<Results>(
          name, corpus_.chunks.size(), [&](size_t n, SharedSpool&) { return work_on(n); },
          [&](size_t, Results&& results, const SharedSpool&) { use_all(std::move(results)); });
    }
  }

 private:
  const Collection& corpus_;
  Crew crew_;
  KeptPasses* passes_;
  std::vector<uint16_t> fates_;  // indices in names_
  std::vector<Fate> names_ = {Fate{}};
  std::map<Fate, uint16_t> known_ = {{Fate{}, 0}};
  std::vector<uint32_t> others_;  // that were dropped for this one; empty: none for any
  std::vector<std::string> edit_names_;
  std::vector<Edit> edits_;
};

}  // namespace reka::data
