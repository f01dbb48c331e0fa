#include "data/batch/folder.h"

#include <algorithm>
#include <utility>

#include "reka/base/error.h"
#include "reka/base/files.h"
#include "reka/base/hash.h"
#include "reka/base/json.h"
#include "reka/base/log.h"

namespace reka::data {
namespace {

constexpr size_t kNamedRefused = 10;  // of a shard

}  // namespace

PlannedFolder::PlannedFolder(std::filesystem::path folder, std::shared_ptr<const RowRules> rules)
    : path_(std::move(folder)), rules_(std::move(rules)), manifest_(Manifest::load(path_)) {
  manifest_.expect_tokenizer(rules_->expander.tokenizer().fingerprint(), path_);
  load_counts();
}

PlannedFolder::CountKey PlannedFolder::count_key(size_t shard, int64_t epoch) const {
  return {manifest_.shards[shard].hash, rules_->objective.varies() ? epoch : 0};
}

std::filesystem::path PlannedFolder::counts_path() const {
  return path_ / fmt::format("rows-{}.json", hex(xxh3_64(rules_->id)));
}

void PlannedFolder::load_counts() {
  const auto path = counts_path();
  if (!std::filesystem::exists(path)) return;
  const auto place = path.string();
  try {
    const auto json = parse_json(read_file(path), place);
    for (const auto& item : json_value<Json>(json, "groups", place)) {
      const CountKey key(json_value<std::string>(item, "hash", place),
                         json_value<int64_t>(item, "epoch", place));
      counts_[key] = {json_value<int64_t>(item, "rows", place),
                      json_value<int64_t>(item, "num_refused", place),
                      json_value<std::vector<std::string>>(item, "refused", place)};
    }
  } catch (const DataError& error) {
    warn("{}: the rows are counted again", error.what());
    counts_.clear();
  }
}

void PlannedFolder::save_counts() const {
  const std::lock_guard lock(mutex_);
  if (!counts_changed_) return;
  Json groups = Json::array();
  for (const auto& [key, count] : counts_)
    groups.push_back({{"hash", key.first},
                      {"epoch", key.second},
                      {"rows", count.rows},
                      {"num_refused", count.num_refused},
                      {"refused", count.refused}});
  const Json json = {{"rules", rules_->id}, {"groups", std::move(groups)}};
  try {
    write_file_atomic(counts_path(), dump_json(json, 1) + "\n");
    counts_changed_ = false;
  } catch (const DataError&) {
  }
}

PlannedFolder::Count PlannedFolder::count(const GroupPlan& plan) const {
  Count count{plan.rows.num_rows(), static_cast<int64_t>(plan.refused.size()), {}};
  for (const auto& [sample, finding] : plan.refused) {
    if (count.refused.size() == kNamedRefused) break;
    count.refused.push_back(fmt::format("{}: {}", plan.shard->document_id(sample), finding));
  }
  return count;
}

int64_t PlannedFolder::num_rows(size_t shard, int64_t epoch) {
  const auto key = count_key(shard, epoch);
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = counts_.find(key); found != counts_.end()) return found->second.rows;
  }
  const auto plan = plan_group(open_shard(path_, manifest_, shard, ShardPart::kIndex), *rules_,
                               epoch, std::nullopt);
  const std::lock_guard lock(mutex_);
  counts_[key] = count(plan);
  counts_changed_ = true;
  return plan.rows.num_rows();
}

int64_t PlannedFolder::num_refused(size_t shard) const {
  const std::lock_guard lock(mutex_);
  const auto found = counts_.find(count_key(shard, 0));
  return found == counts_.end() ? 0 : found->second.num_refused;
}

std::vector<std::string> PlannedFolder::refused(size_t shard) const {
  const std::lock_guard lock(mutex_);
  const auto found = counts_.find(count_key(shard, 0));
  return found == counts_.end() ? std::vector<std::string>() : found->second.refused;
}

std::shared_ptr<const ShardReader> PlannedFolder::shard(size_t number) {
  {
    const std::lock_guard lock(mutex_);
    if (auto open = readers_[number].lock()) return open;
  }
  auto opened = open_shard(path_, manifest_, number, part_);
  const std::lock_guard lock(mutex_);
  readers_[number] = opened;
  return opened;
}

void PlannedFolder::read_content() {
  part_ = ShardPart::kAll;
  fetcher_ = Fetcher::open(path_);
}

void PlannedFolder::expect(const std::vector<size_t>& shards) {
  if (!fetcher_) return;
  std::vector<ShardInfo> list;
  list.reserve(shards.size());
  for (const auto shard : shards) list.push_back(manifest_.shards[shard]);
  fetcher_->expect(list);
}

std::shared_ptr<PlannedFolder::Entry> PlannedFolder::entry(const PlanKey& key) {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(plans_, key, [](const auto& plan) { return plan.first; });
  if (found != plans_.end())
    plans_.splice(plans_.begin(), plans_, found);
  else
    plans_.emplace_front(key, std::make_shared<Entry>());
  while (plans_.size() > capacity_) plans_.pop_back();
  return plans_.front().second;
}

std::shared_ptr<const GroupPlan> PlannedFolder::plan(size_t shard, int64_t epoch,
                                                     std::optional<uint64_t> shuffle) {
  const auto planned = entry({shard, epoch});
  const std::lock_guard lock(planned->mutex);  // the others wait for the first to plan it
  if (planned->plan) return planned->plan;
  auto plan =
      std::make_shared<const GroupPlan>(plan_group(this->shard(shard), *rules_, epoch, shuffle));
  if (const auto expected = num_rows(shard, epoch); plan->rows.num_rows() != expected)
    throw DataError("{}: {} rows of {}: its samples make {}; remove this file",
                    counts_path().string(), expected, manifest_.shards[shard].file,
                    plan->rows.num_rows());
  planned->plan = plan;
  return plan;
}

}  // namespace reka::data
