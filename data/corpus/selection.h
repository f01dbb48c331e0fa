#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "data/corpus/collect.h"
#include "data/corpus/fate.h"
#include "data/corpus/in_order.h"
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

  Selection(const Collection& corpus, size_t num_threads)
      : corpus_(corpus), num_threads_(num_threads), fates_(corpus.marks.size()) {}

  const Collection& corpus() const { return corpus_; }
  size_t num_threads() const { return num_threads_; }

  bool keeps(size_t number) const { return fates_[number] == 0; }
  bool trains_on(size_t number) const {
    return keeps(number) && corpus_.marks[number].split == Split::kTrain;
  }
  const Fate& fate(size_t number) const { return names_[fates_[number]]; }
  /// The first reason stays. Not while another thread reads.
  void drop(size_t number, const Fate& reason);

  /// From now on documents are read with this edit done, behind those before. The report counts
  /// the pieces under `name`.
  void add_edit(const std::string& name, Edit edit);
  const std::vector<std::string>& edits() const { return edit_names_; }

  Chunk read(const Collection::Chunk& chunk) const;
  /// One of those that are kept, edited; with all that stand in its chunk read.
  Document document(size_t number) const;

  /// One pass over what is left: work(number, document) from several threads, then
  /// use(number, result) in the calling thread in the order of the numbers. The time is shown as
  /// that of `name`.
  template <typename Result, typename Work, typename Use>
  void visit(const std::string& name, const Work& work, const Use& use) const {
    using Results = std::vector<std::pair<size_t, Result>>;
    Progress progress(name, static_cast<int64_t>(corpus_.chunks.size()), "parts");
    InOrder<Results> chunks(corpus_.chunks.size(), num_threads_, [&](size_t n) {
      Results results;
      for (auto& found : read(corpus_.chunks[n]).documents) {
        results.emplace_back(found.number, work(found.number, std::move(found.document)));
      }
      return results;
    });
    chunks.run([&](size_t, Results&& results) {
      for (auto& result : results) use(result.first, std::move(result.second));
      progress.advance();
    });
  }

 private:
  const Collection& corpus_;
  size_t num_threads_;
  std::vector<uint16_t> fates_;  // indices in names_
  std::vector<Fate> names_ = {Fate{}};
  std::map<Fate, uint16_t> known_ = {{Fate{}, 0}};
  std::vector<std::string> edit_names_;
  std::vector<Edit> edits_;
};

}  // namespace reka::data
