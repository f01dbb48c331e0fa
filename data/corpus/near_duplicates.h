#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "data/corpus/cluster_report.h"
#include "data/corpus/disjoint_sets.h"
#include "data/corpus/duplicate_graph.h"
#include "data/corpus/shingles.h"
#include "data/corpus/stage.h"
#include "data/corpus/workspace.h"
#include "reka/base/config.h"

namespace reka::data {

struct KeepNearDuplicatesConfig {
  static constexpr std::string_view kName = "none";

  void describe(auto&) {}
};

/// MinHash with bands: texts of Jaccard similarity s are found with the probability
/// 1 - (1 - s^rows)^bands; 14 x 8 finds half of those of 0.68 and 92 % of those of 0.8.
struct NearDuplicateConfig {
  static constexpr std::string_view kName = "minhash";
  Choice shingle{"words", {"words", "characters"}};
  int64_t ngram = 5;
  int64_t bands = 14;
  int64_t rows = 8;
  double confirm = 0;
  int64_t seed = 1;

  ShingleUnit unit() const {
    return shingle == "words" ? ShingleUnit::kWords : ShingleUnit::kCharacters;
  }
  void describe(auto& field) {
    field("shingle", shingle,
          "what texts are compared by: runs of words, where each character of scripts without "
          "spaces is one; or of characters");
    field("ngram", ngram, "words or characters of a run", between(1, 1000));
    field("bands", bands, "two texts are alike when they agree in any of so many bands",
          between(1, 1000));
    field("rows", rows, "of so many hashes each", between(1, 1000));
    field("confirm", confirm,
          "texts that agree in a band are alike from this Jaccard similarity of their sets of "
          "runs; 0: without comparing the sets",
          fraction);
    field("seed", seed, "of the hashes", not_negative);
  }
};

/// Keeps the first of each cluster of texts that are nearly the same: in training before dev before
/// test, then in the order of the corpus. Texts without media take part, but no chats, whose
/// questions are alike on purpose, and no texts shorter than one shingle.
class NearDuplicates : public Stage {
 public:
  /// The graph, where there is one, is
  /// told of each document that goes.
  NearDuplicates(const NearDuplicateConfig& config, Workspace space,
                 DuplicateGraph* graph = nullptr)
      : config_(config), space_(std::move(space)), graph_(graph) {}

  void run(Selection& selection) override;
  std::string name() const override { return "near_duplicates"; }
  Json json() const override { return report_.json(); }
  void show(Page& page) const override { report_.show("Near duplicates", page); }

  const ClusterReport& report() const { return report_; }

 private:
  template <typename Number>
  void run_with(Selection& selection);
  template <typename Number>
  void finish(const DisjointSets<Number>& sets, Selection& selection);

  NearDuplicateConfig config_;
  Workspace space_;
  DuplicateGraph* graph_;
  ClusterReport report_;
};

}  // namespace reka::data
