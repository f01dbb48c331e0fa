#pragma once

#include <string>

#include "data/corpus/selection.h"
#include "reka/base/json.h"
#include "reka/base/page.h"

namespace reka::data {

/// A step between reading and tokenizing that needs to see all documents: it drops some of them
/// (Selection::drop), or takes something out of those that stay (Selection::add_edit).
///
/// A new one is a class in this room, and one line in stages_of (data/stages.cpp) at its place in
/// the order; its config is a key of CorpusConfig. What it drops is counted by fate, source and
/// language without its doing. It lives until the corpus is written, and so may its edit.
class Stage {
 public:
  virtual ~Stage() = default;

  /// Called once, after the stages before it. The result must not depend on threads.
  virtual void run(Selection& selection) = 0;

  /// Its key under "stages" in report.json.
  virtual std::string name() const = 0;
  /// What else is to be told; null: nothing.
  virtual Json json() const { return nullptr; }
  /// The same on the page, under a heading of its own.
  virtual void show(Page&) const {}
};

}  // namespace reka::data
