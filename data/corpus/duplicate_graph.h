#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "data/corpus/disjoint_sets.h"
#include "data/corpus/ranks.h"
#include "data/corpus/stage.h"
#include "reka/base/media.h"
#include "reka/base/page.h"

namespace reka::data {

/// Two documents, by rank (data/corpus/ranks.h), that hold the same: the first of a cluster and one
/// of the others.
struct DuplicateEdge {
  uint64_t first = 0;
  uint64_t second = 0;
  Modality modality = Modality::kText;  // of what is the same; text and exact: all of the document
  bool is_exact = false;                // byte for byte
  size_t first_medium = 0;              // in Document::media
  size_t second_medium = 0;
};

/// The duplicates that all stages before it have found, of text and of media, as one graph: its
/// connected documents, those of several sources or modalities with what they show and say, and
/// what leaks from one side into another. It drops nothing.
/// Memory: 12 bytes for each document.
class DuplicateGraph : public Stage {
 public:
  /// Names by Collection::Chunk::source. The corpus must outlive it.
  DuplicateGraph(const Collection& corpus, std::vector<std::string> sources);

  uint64_t num_documents() const { return sets_.size(); }
  void add(const DuplicateEdge& edge);

  void run(Selection& selection) override;
  std::string name() const override { return "duplicate_graph"; }
  Json json() const override;
  void show(Page& page) const override;

 private:
  struct Kind {
    Modality modality = Modality::kText;
    bool is_exact = false;

    auto operator<=>(const Kind&) const = default;  // NOLINT(modernize-use-nullptr): finds none
    std::string name() const;                       // "near text", "exact image", "alike image"
  };
  struct Ranked {
    size_t number = 0;
    uint64_t rank = 0;
  };
  struct Member {
    std::string name;  // source and id
    Split split = Split::kTrain;
    std::string fate;
    std::string text;
    Figure figure;
  };
  struct Cluster {
    uint64_t size = 0;
    std::vector<Member> members;  // a few
  };
  struct Leak {
    int64_t count = 0;
    std::set<std::pair<uint64_t, std::pair<uint64_t, uint64_t>>> drawn;  // by mix64: a few edges
    std::vector<Cluster> examples;                                       // of two
  };
  using SourcePair = std::tuple<std::string, std::string, Kind>;
  using SplitPair = std::tuple<Split, Split, Kind>;

  void count_clusters();
  void read_examples(const Selection& selection);
  Member member_of(const Selection& selection, const Ranked& ranked) const;
  static Json json_of(const Cluster& cluster);
  void show_leaks(Page& page) const;
  static void show_members(const Cluster& cluster, Page& page);

  const Collection& corpus_;
  Ranks ranks_;
  std::vector<std::string> sources_;
  DisjointSets<uint64_t> sets_;
  std::vector<uint16_t> source_of_;  // by rank
  std::vector<uint8_t> kinds_;       // by rank: the modalities of its edges; of a first, all
  std::vector<uint8_t> shown_;       // by rank: the medium of its last edge
  std::map<Kind, int64_t> edges_;
  std::map<SourcePair, int64_t> by_sources_;
  std::map<SplitPair, Leak> leaks_;
  std::map<int64_t, int64_t> sizes_;  // number of clusters by their size, from 2
  int64_t of_several_sources_ = 0, of_several_modalities_ = 0;
  std::map<uint64_t, Cluster> clusters_;  // that are shown, by their first
};

}  // namespace reka::data
