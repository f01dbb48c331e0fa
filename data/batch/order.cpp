#include "data/batch/order.h"

#include <algorithm>

#include "reka/base/error.h"
#include "reka/base/hash.h"
#include "reka/base/random.h"

namespace reka::data {
namespace {

// What a key permutes: the draws of one must not repeat in another.
constexpr uint64_t kGroups = 1, kWindow = 2, kDocuments = 3;

/// The group that row `row` is in, when group g begins at begin[g]; empty groups are passed over.
size_t group_of(const std::vector<int64_t>& begin, int64_t row) {
  return static_cast<size_t>(std::ranges::upper_bound(begin, row) - begin.begin()) - 1;
}

}  // namespace

std::vector<size_t> shards_of(const Manifest& manifest, std::string_view source, Split split) {
  std::vector<size_t> shards;
  for (size_t i = 0; i < manifest.shards.size(); ++i)
    if (manifest.shards[i].source == source && manifest.shards[i].split == split)
      shards.push_back(i);
  return shards;
}

size_t SourceOrder::Epoch::place(int64_t row) const {
  return group_of(begin, row);
}

int64_t SourceOrder::Epoch::num_windows() const {
  return (static_cast<int64_t>(shards.size()) + kWindowGroups - 1) / kWindowGroups;
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
      shards_(shards_of(folder_->manifest(), source, Split::kTrain)) {
  if (folder_->manifest().find_source(source) < 0)
    throw DataError("{}: no source \"{}\": expected one that manifest.json names",
                    folder_->path().string(), source);
  rows_ = describe_rows();
  rows_per_epoch_ = epoch_rows(start.epoch);
  if (rows_per_epoch_ == 0)
    throw DataError(
        "{}: source \"{}\" has no rows of {} tokens for training: expected samples "
        "that fit",
        folder_->path().string(), source, folder_->rules().row_tokens);
  left_out_ = start_.rows == rows_ ? start_.row : epoch(start_.epoch)->window_begin(start_.window);
}

std::string SourceOrder::describe_rows() const {
  auto text = fmt::format("{}; seed {}", folder_->rules().id, seed_);
  for (const auto shard : shards_) text += " " + folder_->manifest().shards[shard].hash;
  return hex(xxh3_128(text));
}

int64_t SourceOrder::epoch_rows(int64_t number) {
  int64_t rows = 0;
  for (const auto shard : shards_) rows += folder_->num_rows(shard, number);
  return rows;
}

std::shared_ptr<const SourceOrder::Epoch> SourceOrder::epoch(int64_t number) {
  constexpr size_t kKept = 4;
  if (const auto found = epochs_.find(number); found != epochs_.end()) return found->second;
  auto epoch = std::make_shared<Epoch>();
  epoch->number = number;
  epoch->begin = {0};
  const Permutation permutation(shards_.size(), mix64(seed_, number, kGroups));
  for (size_t place = 0; place < shards_.size(); ++place) {
    const auto shard = shards_[permutation(place)];
    epoch->shards.push_back(shard);
    epoch->begin.push_back(epoch->begin.back() + folder_->num_rows(shard, number));
  }
  if (epochs_.size() >= kKept) epochs_.erase(epochs_.begin());
  epochs_[number] = epoch;
  return epoch;
}

SourceOrder::Place SourceOrder::find(int64_t index) {
  const std::lock_guard lock(mutex_);
  const auto row = index + left_out_;  // from the beginning of the first epoch
  if (!folder_->rules().objective.varies()) {
    return {epoch(start_.epoch + row / rows_per_epoch_), row % rows_per_epoch_};
  }
  if (epoch_end_.empty()) epoch_end_.push_back(0);
  const auto known = epoch_end_.size();
  while (epoch_end_.back() <= row) {
    const auto number = start_.epoch + static_cast<int64_t>(epoch_end_.size()) - 1;
    epoch_end_.push_back(epoch_end_.back() + epoch_rows(number));
  }
  if (epoch_end_.size() > known) folder_->save_counts();
  const auto i = group_of(epoch_end_, row);
  return {epoch(start_.epoch + static_cast<int64_t>(i)), row - epoch_end_[i]};
}

GroupRow SourceOrder::locate(int64_t index) {
  const auto [epoch, row] = find(index);
  const auto window = static_cast<int64_t>(epoch->place(row)) / kWindowGroups;
  const auto begin = epoch->window_begin(window);
  const auto rows = static_cast<uint64_t>(epoch->window_begin(window + 1) - begin);
  const Permutation permutation(rows, mix64(seed_, epoch->number, kWindow, window));
  const auto permuted =
      begin + static_cast<int64_t>(permutation(static_cast<uint64_t>(row - begin)));
  const auto place = epoch->place(permuted);
  const auto shard = epoch->shards[place];
  return {.shard = shard,
          .epoch = epoch->number,
          .row = permuted - epoch->begin[place],
          .shuffle = mix64(seed_, epoch->number, kDocuments, shard)};
}

SourceCursor SourceOrder::cursor_after(int64_t index) {
  if (index == 0) return start_;
  const auto [epoch, row] = find(index - 1);
  const auto window = static_cast<int64_t>(epoch->place(row)) / kWindowGroups;
  return {epoch->number, window + 1, row + 1, rows_};
}

RowPlace TrainingOrder::locate(int64_t row) {
  const auto [source, index] = mixture_.locate(row);
  return {source, sources_[source]->locate(index)};
}

std::vector<SourceCursor> TrainingOrder::cursors(int64_t rows) {
  std::vector<SourceCursor> cursors;
  for (size_t i = 0; i < sources_.size(); ++i)
    cursors.push_back(sources_[i]->cursor_after(mixture_.count(i, rows)));
  return cursors;
}

std::vector<int64_t> TrainingOrder::source_rows() const {
  std::vector<int64_t> rows;
  for (const auto& source : sources_) rows.push_back(source->rows_per_epoch());
  return rows;
}

HeldOutOrder::HeldOutOrder(const std::vector<Source>& sources, Split split) {
  for (size_t i = 0; i < sources.size(); ++i) {
    const auto before = begin_.back();
    for (const auto shard : shards_of(sources[i].folder->manifest(), sources[i].name, split)) {
      groups_.emplace_back(i, shard);
      begin_.push_back(begin_.back() + sources[i].folder->num_rows(shard, 0));
    }
    source_rows_.push_back(begin_.back() - before);
  }
}

RowPlace HeldOutOrder::locate(int64_t row) {
  const auto group = group_of(begin_, row);
  const auto [source, shard] = groups_[group];
  return {source, {shard, 0, row - begin_[group], std::nullopt}};
}

}  // namespace reka::data
