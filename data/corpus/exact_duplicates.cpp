#include "data/corpus/exact_duplicates.h"

#include <unordered_set>

namespace reka::data {
namespace {

struct LowBits {
  size_t operator()(const Hash128& hash) const { return hash.low; }
};

}  // namespace

std::vector<bool> first_of_each(std::span<const DocumentMark> marks) {
  std::vector<bool> kept(marks.size());
  std::unordered_set<Hash128, LowBits> seen;
  seen.reserve(marks.size());
  for (const auto side : {Split::kTrain, Split::kDev, Split::kTest}) {
    for (size_t n = 0; n < marks.size(); ++n) {
      if (marks[n].split == side) kept[n] = seen.insert(marks[n].content).second;
    }
  }
  return kept;
}

void ExactDuplicates::run(Selection& selection) {
  const auto kept = first_of_each(selection.corpus().marks);
  for (size_t n = 0; n < kept.size(); ++n) {
    if (!kept[n]) selection.drop(n, {.kind = Fate::Kind::kExactDuplicate});
  }
}

}  // namespace reka::data
