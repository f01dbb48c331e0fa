#include "data/batch/order.h"

#include <algorithm>
#include <limits>

#include "reka/base/error.h"

namespace reka::data {

TrainingOrder::TrainingOrder(std::vector<MixedSource> sources)
    : sources_(std::move(sources)), gone_(sources_.size(), false) {
  add_phase(0, std::vector<int64_t>(sources_.size(), 0));
}

/// Of the sources with rows left, until the first of them would need one more than it may.
void TrainingOrder::add_phase(int64_t begin, std::vector<int64_t> done) {
  while (true) {
    std::vector<int64_t> weights;
    for (size_t i = 0; i < sources_.size(); ++i) {
      const auto& limit = sources_[i].limit;
      if (!gone_[i] && limit && done[i] >= *limit) {
        gone_[i] = true;
        left_.emplace_back(begin, i);
      }
      weights.push_back(gone_[i] ? 0 : sources_[i].weight);
    }
    if (std::ranges::all_of(weights, [](int64_t weight) { return weight == 0; })) {
      end_ = begin;
      return;
    }
    phases_.push_back({begin, Mixture(weights), done});
    const auto& phase = phases_.back();
    auto end = std::numeric_limits<int64_t>::max();
    for (size_t i = 0; i < sources_.size(); ++i)
      if (weights[i] > 0 && sources_[i].limit)
        end = std::min(end, begin + phase.mixture.row_of(i, *sources_[i].limit - done[i]));
    if (end == std::numeric_limits<int64_t>::max()) return;
    for (size_t i = 0; i < sources_.size(); ++i) done[i] = rows_of(i, phase, end);
    begin = end;
  }
}

const TrainingOrder::Phase& TrainingOrder::phase(int64_t row) const {
  const auto behind = std::ranges::upper_bound(phases_, row, {}, &Phase::begin);
  return *std::prev(behind);
}

int64_t TrainingOrder::rows_of(size_t source, const Phase& phase, int64_t row) const {
  return phase.done[source] + phase.mixture.count(source, row - phase.begin);
}

RowPlace TrainingOrder::locate(int64_t row) {
  if (end_ && row >= *end_)
    throw DataError(
        "data.sources: after {} rows every source was repeated as often as it may be: expected a "
        "shorter run, more data or a larger repeat",
        *end_);
  const auto& phase = this->phase(row);
  const auto [source, index] = phase.mixture.locate(row - phase.begin);
  return {source, sources_[source].order->locate(phase.done[source] + index)};
}

std::vector<SourceCursor> TrainingOrder::cursors(int64_t rows) {
  std::vector<SourceCursor> cursors;
  for (size_t i = 0; i < sources_.size(); ++i)
    cursors.push_back(sources_[i].order->cursor_after(
        phases_.empty() ? 0 : rows_of(i, phase(rows), std::min(rows, end_.value_or(rows)))));
  return cursors;
}

std::vector<size_t> TrainingOrder::left_before(int64_t row) const {
  std::vector<size_t> left;
  for (const auto& [at, source] : left_)
    if (at <= row) left.push_back(source);
  return left;
}

std::vector<int64_t> TrainingOrder::source_rows() const {
  std::vector<int64_t> rows;
  for (const auto& source : sources_) rows.push_back(source.order->rows_per_epoch());
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
  const auto group = place_of(begin_, row);
  const auto [source, shard] = groups_[group];
  return {source, {shard, 0, row - begin_[group], std::nullopt}};
}

}  // namespace reka::data
