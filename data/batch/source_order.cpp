#include "data/batch/source_order.h"

#include <algorithm>

#include "reka/base/error.h"
#include "reka/base/hash.h"
#include "reka/base/random.h"

namespace reka::data {
namespace {

// Changes when the same cursor leads to other rows.
constexpr int kOrder = 2;

// What a key permutes: the draws of one must not repeat in another.
constexpr uint64_t kGroups = 1, kWindow = 2, kDocuments = 3, kGrown = 4;

}  // namespace

size_t place_of(const std::vector<int64_t>& begin, int64_t row) {
  return static_cast<size_t>(std::ranges::upper_bound(begin, row) - begin.begin()) - 1;
}

std::vector<size_t> shards_of(const Manifest& manifest, std::string_view source, Split split) {
  std::vector<size_t> shards;
  for (size_t i = 0; i < manifest.shards.size(); ++i)
    if (manifest.shards[i].source == source && manifest.shards[i].split == split)
      shards.push_back(i);
  return shards;
}

size_t SourceOrder::Epoch::place(int64_t row) const {
  return place_of(begin, row);
}

int64_t SourceOrder::Epoch::window_begin(int64_t window) const {
  const auto place = std::min(window * kWindowGroups, static_cast<int64_t>(shards.size()));
  return begin[static_cast<size_t>(place)];
}

SourceOrder::SourceOrder(std::shared_ptr<PlannedFolder> folder, const std::string& source,
                         uint64_t seed, const SourceCursor& start)
    : folder_(std::move(folder)),
      source_(source),
      seed_(mix64(seed, xxh3_64(source))),
      start_(start),
      shards_(shards_of(folder_->manifest(), source, Split::kTrain)),
      list_(list(static_cast<int64_t>(shards_.size()))) {
  if (folder_->manifest().find_source(source) < 0)
    throw DataError("{}: no source \"{}\": expected one that manifest.json names",
                    folder_->path().string(), source);
  rows_ = describe_rows();
  compare_shards();
  rows_per_epoch_ = epoch_rows(start.epoch);
  if (rows_per_epoch_ == 0)
    throw DataError(
        "{}: source \"{}\" has no rows of {} tokens for training: expected samples "
        "that fit",
        folder_->path().string(), source, folder_->rules().row_tokens);
  const auto first = epoch(start_.epoch);
  first_rows_ = first->rows();
  if (same_rows())
    left_out_ = start_.row;
  else if (change_ != Shards::kGrown)
    left_out_ = first->window_begin(start_.window);
}

ShardList SourceOrder::list(int64_t count) const {
  ShardList list{count, "", ""};
  std::string text;
  for (size_t i = 0; i < static_cast<size_t>(count); ++i) {
    if (i + 1 == static_cast<size_t>(count)) list.but_last = hex(xxh3_128(text));
    text += " " + folder_->manifest().shards[shards_[i]].hash;
  }
  list.all = hex(xxh3_128(text));
  return list;
}

/// A corpus that grew keeps its shards, but for the last one, which may have been filled up.
void SourceOrder::compare_shards() {
  begun_ = start_.begun;
  const auto& before = start_.list;
  if (before.count == 0 || before == list_) return;
  const auto kept = std::min(before.count, list_.count);
  if (kept == before.count && list(kept).all == before.all) {
    begun_.push_back({before.count, start_.window, before.count});
    change_ = Shards::kGrown;
  } else if (kept == before.count && list(kept).but_last == before.but_last) {
    begun_.push_back({before.count, start_.window, before.count - 1});
    change_ = Shards::kGrown;
  } else {
    begun_.clear();
    change_ = Shards::kOthers;
  }
}

/// The groups of the first epoch that no earlier list had begun, in their order. [<= shards]
std::vector<size_t> SourceOrder::remaining() const {
  std::vector<bool> begun(shards_.size(), false);
  std::vector<size_t> left;
  const auto lists = begun_.size();
  for (size_t part = 0; part <= lists; ++part) {
    const auto count = part < lists ? static_cast<size_t>(begun_[part].shards) : shards_.size();
    left.clear();
    for (size_t i = 0; i < count; ++i)
      if (!begun[i]) left.push_back(i);
    const auto key =
        part == 0 ? mix64(seed_, start_.epoch, kGroups) : mix64(seed_, start_.epoch, kGrown, part);
    const Permutation permutation(std::max<size_t>(left.size(), 1), key);
    auto permuted = left;
    for (size_t place = 0; place < left.size(); ++place) permuted[place] = left[permutation(place)];
    left = std::move(permuted);
    if (part == lists) break;
    const auto groups = static_cast<size_t>(begun_[part].windows * kWindowGroups);
    for (size_t place = 0; place < std::min(groups, left.size()); ++place)
      begun[left[place]] = left[place] < static_cast<size_t>(begun_[part].same);
  }
  for (auto& shard : left) shard = shards_[shard];
  return left;
}

std::string SourceOrder::describe_rows() const {
  auto text = fmt::format("{}; seed {}; order {}", folder_->rules().id, seed_, kOrder);
  for (const auto shard : shards_) text += " " + folder_->manifest().shards[shard].hash;
  return hex(xxh3_128(text));
}

int64_t SourceOrder::epoch_rows(int64_t number) {
  int64_t rows = 0;
  for (const auto shard : shards_) rows += folder_->num_rows(shard, number);
  return rows;
}

int64_t SourceOrder::rows_within(int64_t epochs) {
  if (epochs <= start_.epoch) return 0;
  auto rows = first_rows_ - left_out_;
  const bool varies = folder_->rules().objective.varies();
  for (auto number = start_.epoch + 1; number < epochs && varies; ++number)
    rows += epoch_rows(number);
  return rows + (varies ? 0 : (epochs - start_.epoch - 1) * rows_per_epoch_);
}

std::shared_ptr<const SourceOrder::Epoch> SourceOrder::epoch(int64_t number) {
  constexpr size_t kKept = 4;
  if (const auto found = epochs_.find(number); found != epochs_.end()) return found->second;
  auto epoch = std::make_shared<Epoch>();
  epoch->number = number;
  epoch->begin = {0};
  if (number == start_.epoch && !begun_.empty()) {
    epoch->shards = remaining();
  } else {
    const Permutation permutation(shards_.size(), mix64(seed_, number, kGroups));
    for (size_t place = 0; place < shards_.size(); ++place)
      epoch->shards.push_back(shards_[permutation(place)]);
  }
  for (const auto shard : epoch->shards)
    epoch->begin.push_back(epoch->begin.back() + folder_->num_rows(shard, number));
  if (epochs_.size() >= kKept) epochs_.erase(epochs_.begin());
  epochs_[number] = epoch;
  return epoch;
}

SourceOrder::Place SourceOrder::find(int64_t index) {
  const std::lock_guard lock(mutex_);
  const auto row = index + left_out_;  // from the beginning of the first epoch
  if (row < first_rows_) return {epoch(start_.epoch), row};
  if (!folder_->rules().objective.varies()) {
    const auto behind = row - first_rows_;
    return {epoch(start_.epoch + 1 + behind / rows_per_epoch_), behind % rows_per_epoch_};
  }
  if (epoch_end_.empty()) epoch_end_ = {0, first_rows_};
  const auto known = epoch_end_.size();
  while (epoch_end_.back() <= row) {
    const auto number = start_.epoch + static_cast<int64_t>(epoch_end_.size()) - 1;
    epoch_end_.push_back(epoch_end_.back() + epoch_rows(number));
  }
  if (epoch_end_.size() > known) folder_->save_counts();
  const auto i = place_of(epoch_end_, row);
  return {epoch(start_.epoch + static_cast<int64_t>(i)), row - epoch_end_[i]};
}

/// Names the groups of the next window: they can be fetched while this one is read.
void SourceOrder::announce(const Epoch& epoch, int64_t window) {
  if (!folder_->fetches()) return;
  const std::lock_guard lock(mutex_);
  if (announced_ == std::pair(epoch.number, window)) return;
  announced_ = {epoch.number, window};
  const bool last = (window + 1) * kWindowGroups >= std::ssize(epoch.shards);
  if (last && folder_->rules().objective.varies()) return;  // its rows are not counted yet
  const auto next = last ? this->epoch(epoch.number + 1) : nullptr;
  const auto& shards = last ? next->shards : epoch.shards;
  const auto begin = last ? 0 : (window + 1) * kWindowGroups;
  const auto end = std::min<int64_t>(begin + kWindowGroups, std::ssize(shards));
  folder_->expect({shards.begin() + begin, shards.begin() + end});
}

GroupRow SourceOrder::locate(int64_t index) {
  const auto [epoch, row] = find(index);
  const auto window = static_cast<int64_t>(epoch->place(row)) / kWindowGroups;
  announce(*epoch, window);
  const auto begin = epoch->window_begin(window);
  const auto rows = static_cast<uint64_t>(epoch->window_begin(window + 1) - begin);
  const Permutation permutation(rows, mix64(seed_, epoch->number, kWindow, window));
  const auto permuted =
      begin + static_cast<int64_t>(permutation(static_cast<uint64_t>(row - begin)));
  const auto place = epoch->place(permuted);
  const auto shard = epoch->shards[place];
  // Counted in the source: what the manifest holds of others does not matter.
  const auto number = std::ranges::lower_bound(shards_, shard) - shards_.begin();
  return {.shard = shard,
          .epoch = epoch->number,
          .row = permuted - epoch->begin[place],
          .shuffle = mix64(seed_, epoch->number, kDocuments, number)};
}

SourceCursor SourceOrder::cursor_after(int64_t index) {
  if (index == 0) return start_;
  const auto [epoch, row] = find(index - 1);
  const auto window = static_cast<int64_t>(epoch->place(row)) / kWindowGroups;
  return {.epoch = epoch->number,
          .window = window + 1,
          .row = row + 1,
          .rows = rows_,
          .list = list_,
          .begun = epoch->number == start_.epoch ? begun_ : std::vector<BegunShards>()};
}

}  // namespace reka::data
