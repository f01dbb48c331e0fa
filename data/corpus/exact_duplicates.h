#pragma once

#include <functional>
#include <span>
#include <vector>

#include "data/corpus/duplicate_graph.h"
#include "data/corpus/mark.h"
#include "data/corpus/stage.h"

namespace reka::data {

/// The number of the first document with the content of each, of those that take part, and the own
/// number of the others; where a content stands on several sides the first in training, then in
/// dev. The order of the marks decides, nothing else.
std::vector<size_t> first_of_each(std::span<const DocumentMark> marks,
                                  const std::function<bool(size_t)>& takes_part);

/// Keeps each content once.
class ExactDuplicates : public Stage {
 public:
  /// The graph, where there is one, is told of each copy.
  explicit ExactDuplicates(DuplicateGraph* graph = nullptr) : graph_(graph) {}

  void run(Selection& selection) override;
  std::string name() const override { return "exact_duplicates"; }

 private:
  void tell_graph(std::span<const DocumentMark> marks, std::span<const size_t> firsts);

  DuplicateGraph* graph_;
};

}  // namespace reka::data
