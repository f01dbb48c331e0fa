#pragma once

#include <cstdint>
#include <filesystem>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "data/batch/plan.h"
#include "data/shards/fetcher.h"
#include "data/shards/manifest.h"

namespace reka::data {

/// A folder of shards under the rules of a stage: how many rows each group has, and their plans.
/// Row counts are kept beside the manifest in `rows-<hash of the rules>.json`, plans in memory as
/// long as they are among the last used. For several threads.
class PlannedFolder {
 public:
  /// Throws DataError when the folder has no shards of this tokenizer.
  PlannedFolder(std::filesystem::path folder, std::shared_ptr<const RowRules> rules);

  const Manifest& manifest() const { return manifest_; }
  const RowRules& rules() const { return *rules_; }
  const std::filesystem::path& path() const { return path_; }

  int64_t num_rows(size_t shard, int64_t epoch);
  int64_t num_refused(size_t shard) const;               // known once the rows are counted
  std::vector<std::string> refused(size_t shard) const;  // the first of them, "id: 1234 tokens"

  /// The plan of a group; `shuffle` as in plan_group, one for each epoch.
  std::shared_ptr<const GroupPlan> plan(size_t shard, int64_t epoch,
                                        std::optional<uint64_t> shuffle);
  std::shared_ptr<const ShardReader> shard(size_t number);
  /// From now on plans are of whole shards, not of their indices alone; those of a web server come
  /// before they are needed when they are named.
  void read_content();
  void expect(const std::vector<size_t>& shards);
  bool fetches() const { return fetcher_ != nullptr; }

  /// How many plans stay in memory.
  void keep_plans(size_t count) { capacity_ = count; }

  /// Writes the counts that were added. A folder that cannot be written is left as it is: they are
  /// counted again the next time.
  void save_counts() const;

 private:
  struct Count {
    int64_t rows = 0;
    int64_t num_refused = 0;
    std::vector<std::string> refused;
  };
  struct Entry {
    std::mutex mutex;
    std::shared_ptr<const GroupPlan> plan;
  };
  using CountKey = std::pair<std::string, int64_t>;  // hash of the shard, epoch
  using PlanKey = std::pair<size_t, int64_t>;        // shard, epoch

  CountKey count_key(size_t shard, int64_t epoch) const;
  std::filesystem::path counts_path() const;
  void load_counts();
  Count count(const GroupPlan& plan) const;
  std::shared_ptr<Entry> entry(const PlanKey& key);

  std::filesystem::path path_;
  std::shared_ptr<const RowRules> rules_;
  Manifest manifest_;
  mutable std::mutex mutex_;  // of all below
  std::map<CountKey, Count> counts_;
  mutable bool counts_changed_ = false;
  std::map<size_t, std::weak_ptr<const ShardReader>> readers_;
  ShardPart part_ = ShardPart::kIndex;
  size_t capacity_ = 16;
  std::list<std::pair<PlanKey, std::shared_ptr<Entry>>> plans_;  // the last used first
  std::unique_ptr<Fetcher> fetcher_;
};

}  // namespace reka::data
