#include "data/corpus/near_duplicates.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "data/corpus/lsh.h"
#include "data/corpus/minhash.h"
#include "data/corpus/ranks.h"
#include "data/corpus/shingle_sets.h"
#include "data/corpus/shown_clusters.h"

namespace reka::data {
namespace {

constexpr size_t kExampleCharacters = 300;

struct Signed {
  std::vector<uint64_t> bands;  // none: takes no part
  std::vector<uint32_t> set;

  static auto members(auto& self) { return std::tie(self.bands, self.set); }
};

Signed sign(const Document& document, const MinHasher& hasher, bool with_set, Shingler& shingler) {
  Signed made;
  if (document.whole || !document.media.empty()) return made;
  const auto shingles = shingler.shingles(text_of(document));
  if (shingles.empty()) return made;
  std::vector<uint32_t> signature(hasher.signature_size());
  hasher.sign(shingles, signature);
  made.bands.resize(hasher.bands());
  hasher.hash_bands(signature, made.bands);
  if (with_set) made.set = shingle_set(shingles);
  return made;
}

// The first and the next member of each shown cluster.
template <typename Number>
std::vector<ClusterReport::Example> examples(const Collection& corpus,
                                             const DisjointSets<Number>& sets) {
  struct Members {
    size_t kept = 0;
    std::optional<size_t> dropped;
  };
  ShownClusters shown_clusters;
  for (size_t n = 0; n < sets.size(); ++n) {
    const auto number = static_cast<Number>(n);
    if (sets.is_first(number) && sets.count(number) > 1) {
      shown_clusters.offer(number, sets.count(number));
    }
  }
  std::map<uint64_t, Members> found;
  for (const auto first : shown_clusters.firsts()) found[first] = {};
  Ranks ranks(corpus.marks);
  for (size_t n = 0; n < corpus.marks.size() && !found.empty(); ++n) {
    const auto rank = static_cast<Number>(ranks.of(n));
    const auto shown = found.find(sets.first_of(rank));
    if (shown == found.end()) continue;
    if (sets.is_first(rank)) shown->second.kept = n;
    if (!sets.is_first(rank) && !shown->second.dropped) shown->second.dropped = n;
  }
  std::vector<ClusterReport::Example> examples;
  for (const auto& [first, pair] : found) {
    const auto kept = corpus.document(pair.kept);
    const auto dropped = corpus.document(*pair.dropped);
    examples.push_back({.size = static_cast<int64_t>(sets.count(static_cast<Number>(first))),
                        .kept = kept.source + "/" + kept.id,
                        .kept_text = shortened(text_of(kept), kExampleCharacters),
                        .dropped = dropped.source + "/" + dropped.id,
                        .dropped_text = shortened(text_of(dropped), kExampleCharacters)});
  }
  std::stable_sort(examples.begin(), examples.end(),
                   [](const auto& a, const auto& b) { return a.size > b.size; });
  return examples;
}

}  // namespace

void NearDuplicates::run(Selection& selection) {
  if (std::ssize(selection.corpus().marks) < kMostNumbersOf32Bits) {
    run_with<uint32_t>(selection);
  } else {
    run_with<uint64_t>(selection);
  }
}

template <typename Number>
void NearDuplicates::run_with(Selection& selection) {
  const auto& corpus = selection.corpus();
  const auto unit = config_.unit();
  const auto ngram = static_cast<size_t>(config_.ngram);
  const bool confirms = config_.confirm > 0;
  const MinHasher hasher(static_cast<size_t>(config_.bands), static_cast<size_t>(config_.rows),
                         static_cast<uint64_t>(config_.seed));
  LshClusters<Number> clusters(corpus.marks.size(), hasher.bands(), space_.memory_bytes,
                               space_.folder);
  std::optional<ShingleSets> shingles;
  if (confirms) shingles.emplace(corpus.marks.size(), space_.folder);
  Ranks ranks(corpus.marks);
  selection.visit<Signed>(
      "signing",
      [&](size_t, Document&& document) {
        thread_local Shingler shingler(unit, ngram);  // the threads are of this pass alone
        return sign(document, hasher, confirms, shingler);
      },
      [&](size_t number, Signed&& made) {
        if (made.bands.empty()) return;
        ++report_.documents;
        const auto rank = ranks.of(number);
        clusters.add(static_cast<Number>(rank), made.bands);
        if (shingles) shingles->add(rank, made.set);
      });
  if (confirms) {
    clusters.join(
        [&](Number a, Number b) { return shingles->similarity(a, b) >= config_.confirm; });
  } else {
    clusters.join();
  }
  finish(clusters.sets(), selection);
  report_.compared = clusters.compared();
  report_.refused = clusters.refused();
}

template <typename Number>
void NearDuplicates::finish(const DisjointSets<Number>& sets, Selection& selection) {
  const auto& corpus = selection.corpus();
  std::vector<uint32_t> dropped(corpus.marks.size());  // for each rank
  Ranks ranks(corpus.marks);
  for (size_t n = 0; n < corpus.marks.size(); ++n) {
    const auto rank = static_cast<Number>(ranks.of(n));
    if (sets.is_first(rank)) continue;
    dropped[sets.first_of(rank)] += selection.alike(n);
    selection.drop(n, {.kind = Fate::Kind::kNearDuplicate});
    if (graph_ != nullptr)
      graph_->add({.first = sets.first_of(rank), .second = rank, .modality = Modality::kText});
  }
  ranks = Ranks(corpus.marks);
  for (size_t n = 0; n < corpus.marks.size(); ++n) {
    const auto rank = static_cast<Number>(ranks.of(n));
    if (!sets.is_first(rank) || sets.count(rank) == 1) continue;
    selection.add_alike(n, dropped[rank]);
    ++report_.sizes[static_cast<int64_t>(sets.count(rank))];
  }
  report_.method = fmt::format(
      "MinHash of runs of {} {}, {} bands of {} rows, seed {}{}", config_.ngram,
      config_.shingle.value, config_.bands, config_.rows, config_.seed,
      config_.confirm > 0 ? fmt::format(", confirmed from a similarity of {}", config_.confirm)
                          : "");
  report_.examples = examples(corpus, sets);
}

}  // namespace reka::data
