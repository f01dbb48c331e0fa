#include "data/corpus/selection.h"

#include <limits>

#include <c10/util/Exception.h>

namespace reka::data {

void Selection::drop(size_t number, const Fate& reason) {
  if (!keeps(number)) return;
  const auto [known, is_new] = known_.emplace(reason, static_cast<uint16_t>(names_.size()));
  if (is_new) {
    TORCH_CHECK(names_.size() <= std::numeric_limits<uint16_t>::max(), "selection: too many fates");
    names_.push_back(reason);
  }
  fates_[number] = known->second;
}

void Selection::add_edit(const std::string& name, Edit edit) {
  edit_names_.push_back(name);
  edits_.push_back(std::move(edit));
}

Selection::Chunk Selection::read(const Collection::Chunk& chunk) const {
  Chunk read;
  read.edited.resize(edits_.size());
  auto documents = corpus_.spool.read(chunk.place);
  for (size_t n = 0; n < documents.size(); ++n) {
    const auto number = chunk.first + n;
    if (!keeps(number)) continue;
    auto& document = documents[n];
    for (size_t edit = 0; edit < edits_.size(); ++edit) {
      read.edited[edit] += edits_[edit](number, document);
    }
    std::erase_if(document.parts, [](const Part& part) {
      return part.kind == Part::Kind::kText && part.text.empty();
    });
    if (document.parts.empty()) {
      read.emptied.push_back(number);
    } else {
      read.documents.push_back({number, std::move(document)});
    }
  }
  return read;
}

Document Selection::document(size_t number) const {
  for (auto& found : read(corpus_.chunk_of(number)).documents) {
    if (found.number == number) return std::move(found.document);
  }
  TORCH_CHECK(false, "selection: document ", number, " is not kept");
}

}  // namespace reka::data
