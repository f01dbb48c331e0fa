#pragma once

#include <functional>
#include <span>
#include <utility>

#include "data/corpus/duplicate_graph.h"
#include "data/corpus/mark.h"
#include "data/corpus/stage.h"
#include "data/corpus/workspace.h"

namespace reka::data {

/// use(first, copy) for each document that has the content of another: that in training, then in
/// dev, then in test, of several on one side that with the least number, is the first. Those of
/// which takes_part(number) is false are none.
void for_each_copy(std::span<const DocumentMark> marks, const Workspace& space,
                   const std::function<bool(size_t)>& takes_part,
                   const std::function<void(size_t, size_t)>& use);

/// Keeps each content once.
class ExactDuplicates : public Stage {
 public:
  /// The graph, where there is one, is told of each copy.
  explicit ExactDuplicates(Workspace space, DuplicateGraph* graph = nullptr)
      : space_(std::move(space)), graph_(graph) {}

  void run(Selection& selection) override;
  std::string name() const override { return "exact_duplicates"; }

 private:
  Workspace space_;
  DuplicateGraph* graph_;
};

}  // namespace reka::data
