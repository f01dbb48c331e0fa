#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>

#include "data/corpus/disjoint_sets.h"
#include "data/corpus/hash_groups.h"

namespace reka::data {

/// Locality-sensitive hashing (Indyk, Motwani 1998): documents that have one band hash in common
/// are candidates, and the sets of candidates are clusters. The clusters depend on the hashes
/// alone. Memory: `memory` bytes, and one Number for each document.
template <typename Number>
class LshClusters {
 public:
  /// Whether two candidates are duplicates indeed.
  using Confirm = std::function<bool(Number, Number)>;

  LshClusters(size_t documents, size_t bands, uint64_t memory, const std::filesystem::path& folder)
      : sets_(documents), groups_(documents * bands, memory, folder) {}

  /// In ascending order of the documents.
  void add(Number document, std::span<const uint64_t> band_hashes) {
    for (const auto hash : band_hashes) groups_.add(hash, document);
  }

  /// Joins all candidates, or those that are confirmed: each is held against the earlier ones of
  /// its group that are not in its cluster yet, at most kMostComparisons of them.
  void join(const Confirm& confirm = {});

  /// After join().
  const DisjointSets<Number>& sets() const { return sets_; }
  const HashGroups<Number>& groups() const { return groups_; }
  int64_t compared() const { return compared_; }  // pairs that were held against each other
  int64_t refused() const { return refused_; }    // of these, those that are no duplicates

  static constexpr size_t kMostComparisons = 64;

 private:
  void join_confirmed(std::span<const HashedNumber<Number>> group, const Confirm& confirm);

  DisjointSets<Number> sets_;
  HashGroups<Number> groups_;
  int64_t compared_ = 0, refused_ = 0;
};

extern template class LshClusters<uint32_t>;
extern template class LshClusters<uint64_t>;

}  // namespace reka::data
