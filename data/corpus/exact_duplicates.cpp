#include "data/corpus/exact_duplicates.h"

#include <algorithm>
#include <vector>

#include "data/corpus/disjoint_sets.h"
#include "data/corpus/hash_groups.h"
#include "data/corpus/ranks.h"

namespace reka::data {
namespace {

template <typename Number>
void visit_copies(std::span<const DocumentMark> marks, const Workspace& space,
                  const std::function<bool(size_t)>& takes_part,
                  const std::function<void(size_t, size_t)>& use) {
  HashGroups<Number> groups(marks.size(), space.memory_bytes, space.folder);
  for (const auto side : {Split::kTrain, Split::kDev, Split::kTest}) {
    for (size_t n = 0; n < marks.size(); ++n) {
      if (marks[n].split == side && takes_part(n))
        groups.add(marks[n].content.low, static_cast<Number>(n));
    }
  }
  std::vector<HashedNumber<Number>> same;
  groups.visit([&](std::span<const HashedNumber<Number>> group) {
    const auto high = [&](const auto& record) { return marks[record.number].content.high; };
    same.assign(group.begin(), group.end());
    std::stable_sort(same.begin(), same.end(),
                     [&](const auto& a, const auto& b) { return high(a) < high(b); });
    for (size_t n = 1, first = 0; n < same.size(); ++n) {
      if (high(same[n]) != high(same[first])) {
        first = n;
      } else {
        use(same[first].number, same[n].number);
      }
    }
  });
}

}  // namespace

void for_each_copy(std::span<const DocumentMark> marks, const Workspace& space,
                   const std::function<bool(size_t)>& takes_part,
                   const std::function<void(size_t, size_t)>& use) {
  if (std::ssize(marks) < kMostNumbersOf32Bits) {
    visit_copies<uint32_t>(marks, space, takes_part, use);
  } else {
    visit_copies<uint64_t>(marks, space, takes_part, use);
  }
}

void ExactDuplicates::run(Selection& selection) {
  const std::span<const DocumentMark> marks = selection.corpus().marks;
  std::vector<uint64_t> rank_of;
  if (graph_ != nullptr) {
    Ranks ranks(marks);
    rank_of.reserve(marks.size());
    for (size_t n = 0; n < marks.size(); ++n) rank_of.push_back(ranks.of(n));
  }
  for_each_copy(
      marks, space_, [&](size_t n) { return selection.keeps(n); },
      [&](size_t first, size_t copy) {
        selection.add_alike(first, 1);
        selection.drop(copy, {.kind = Fate::Kind::kExactDuplicate});
        if (graph_ != nullptr)
          graph_->add({.first = rank_of[first], .second = rank_of[copy], .is_exact = true});
      });
}

}  // namespace reka::data
