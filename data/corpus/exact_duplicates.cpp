#include "data/corpus/exact_duplicates.h"

#include <numeric>
#include <unordered_map>

#include "data/corpus/ranks.h"

namespace reka::data {
namespace {

struct LowBits {
  size_t operator()(const Hash128& hash) const { return hash.low; }
};

}  // namespace

std::vector<size_t> first_of_each(std::span<const DocumentMark> marks,
                                  const std::function<bool(size_t)>& takes_part) {
  std::vector<size_t> firsts(marks.size());
  std::iota(firsts.begin(), firsts.end(), size_t{0});
  std::unordered_map<Hash128, size_t, LowBits> seen;
  seen.reserve(marks.size());
  for (const auto side : {Split::kTrain, Split::kDev, Split::kTest}) {
    for (size_t n = 0; n < marks.size(); ++n) {
      if (marks[n].split == side && takes_part(n))
        firsts[n] = seen.emplace(marks[n].content, n).first->second;
    }
  }
  return firsts;
}

void ExactDuplicates::run(Selection& selection) {
  const auto firsts =
      first_of_each(selection.corpus().marks, [&](size_t n) { return selection.keeps(n); });
  for (size_t n = 0; n < firsts.size(); ++n) {
    if (firsts[n] == n) continue;
    selection.add_alike(firsts[n], 1);
    selection.drop(n, {.kind = Fate::Kind::kExactDuplicate});
  }
  if (graph_ != nullptr) tell_graph(selection.corpus().marks, firsts);
}

void ExactDuplicates::tell_graph(std::span<const DocumentMark> marks,
                                 std::span<const size_t> firsts) {
  Ranks ranks(marks);
  std::vector<uint64_t> rank_of(marks.size());
  for (size_t n = 0; n < marks.size(); ++n) rank_of[n] = ranks.of(n);
  for (size_t n = 0; n < marks.size(); ++n) {
    if (firsts[n] != n)
      graph_->add({.first = rank_of[firsts[n]], .second = rank_of[n], .is_exact = true});
  }
}

}  // namespace reka::data
