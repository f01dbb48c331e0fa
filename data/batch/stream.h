#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data/batch/folder.h"
#include "data/batch/loader_state.h"
#include "data/batch/order.h"
#include "data/batch/quarantine.h"
#include "data/tokens/denoise.h"

namespace reka::data {

/// One source of the mixture: its name in the manifest of `folder`, and its share of the rows.
struct LoaderSource {
  std::string name;
  std::filesystem::path folder;
  int64_t weight = 1;
  int64_t repeat = 0;  // epochs of it at most; 0: no limit
};

struct StreamConfig {
  uint64_t seed = 0;            // of the order
  Split split = Split::kTrain;  // dev and test: each row once, in the order of the shards
  ObjectiveConfig objective;
};

/// How many other pieces are tried in the place of a damaged one before it becomes padding.
inline constexpr size_t kStandIns = 16;

/// The rows of several sources and what stands in them, from the indices of the shards alone: no
/// token is read. Global row g is a pure function of (shards, mixture, rules, started, g).
class RowStream {
 public:
  struct Source {
    LoaderSource config;
    std::shared_ptr<PlannedFolder> folder;
    std::vector<int32_t> languages;  // of the manifest -> of the stream
  };
  /// Pieces of a group, as indices in plan->pieces.
  struct Row {
    size_t source = 0;
    int64_t epoch = 0;
    std::shared_ptr<const GroupPlan> plan;
    std::span<const uint32_t> pieces;
  };

  /// Throws DataError: a missing or foreign folder or source, another tokenizer, no rows.
  RowStream(const StreamConfig& config, const std::vector<LoaderSource>& sources,
            std::shared_ptr<const RowRules> rules);

  /// The plans of row() are then of shards whose samples can be read.
  void read_content();

  /// Each source goes on at its cursor; one that has none at its beginning.
  void start(std::map<std::string, SourceCursor> started);

  Row row(int64_t row) const;
  RowPlace place(int64_t row) const { return order_->locate(row); }
  /// The pieces that may stand in the place of one, itself first: those of its group that take no
  /// more room, from it on.
  static std::vector<uint32_t> stand_ins(const GroupPlan& plan, uint32_t piece);
  /// The first of these that is not in quarantine: what training put there.
  static std::optional<uint32_t> first_good(const GroupPlan& plan, uint32_t piece,
                                            const Quarantine& quarantine);
  /// The groups that a document ("id" or "source/id") is in: source, shard.
  std::set<std::pair<size_t, size_t>> find(std::string_view document) const;

  /// Hash of all that decides what row g is, besides the cursors.
  const std::string& plan_id() const { return plan_id_; }
  /// Rows that may be asked for: all of a held-out split, what the limits of all sources allow.
  std::optional<int64_t> num_rows() const { return order_->num_rows(); }
  std::vector<int64_t> source_rows() const { return order_->source_rows(); }
  const std::map<std::string, SourceCursor>& started() const { return started_; }
  /// Where the sources go on behind `rows` rows; those of earlier plans keep their place.
  std::map<std::string, SourceCursor> cursors(int64_t rows) const;
  std::vector<MixtureShare> shares() const;
  /// Sources that have left the mixture before a row, by name.
  std::vector<std::string> left_before(int64_t row) const;
  /// A line for each source that goes on otherwise than in the mixture of `before`.
  std::vector<std::string> changes(const std::vector<MixtureShare>& before) const;

  const std::vector<Source>& sources() const { return sources_; }
  const std::vector<std::string>& source_names() const { return source_names_; }
  const std::vector<std::string>& languages() const { return languages_; }
  bool trains() const { return config_.split == Split::kTrain; }

 private:
  void open(const std::vector<LoaderSource>& given);
  std::string describe_plan() const;
  std::unique_ptr<RowOrder> training_order();
  const TrainingOrder* training() const;

  StreamConfig config_;
  std::shared_ptr<const RowRules> rules_;
  std::vector<Source> sources_;
  std::vector<std::string> source_names_, languages_;
  std::string plan_id_;
  std::map<std::string, SourceCursor> started_;
  std::unique_ptr<RowOrder> order_;
};

}  // namespace reka::data
