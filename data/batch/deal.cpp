#include "data/batch/deal.h"

#include <algorithm>
#include <numeric>

#include <c10/util/Exception.h>

namespace reka::data {
namespace {

double spread_of(const std::vector<double>& sums) {
  const auto total = std::accumulate(sums.begin(), sums.end(), 0.0);
  const auto mean = total / static_cast<double>(sums.size());
  return mean > 0 ? *std::ranges::max_element(sums) / mean : 1;
}

}  // namespace

Deal deal_rows(std::span<const double> costs, int64_t world) {
  const auto ranks = static_cast<size_t>(world);
  TORCH_CHECK(world > 0 && costs.size() % ranks == 0, "deal: ", costs.size(), " rows to ", world,
              " ranks");
  const auto room = costs.size() / ranks;
  std::vector<size_t> dearest(costs.size());
  std::iota(dearest.begin(), dearest.end(), size_t{0});
  std::ranges::stable_sort(dearest, std::greater(), [&](size_t row) { return costs[row]; });
  Deal deal{.rows = std::vector<std::vector<int64_t>>(ranks)};
  std::vector<double> sums(ranks, 0.0), in_turn(ranks, 0.0);
  for (const auto row : dearest) {
    auto best = ranks;
    for (size_t rank = 0; rank < ranks; ++rank) {
      const auto count = deal.rows[rank].size();
      if (count == room) continue;
      const bool less = best == ranks || sums[rank] < sums[best] ||
                        (sums[rank] == sums[best] && count < deal.rows[best].size());
      if (less) best = rank;
    }
    deal.rows[best].push_back(static_cast<int64_t>(row));
    sums[best] += costs[row];
    in_turn[row % ranks] += costs[row];
  }
  for (auto& rows : deal.rows) std::ranges::sort(rows);
  deal.spread = spread_of(sums);
  deal.spread_in_turn = spread_of(in_turn);
  return deal;
}

bool Dealer::deals() const {
  if (shape_.step_rows == 0 || shape_.world == 1 || !cost_.item) return false;
  return std::ranges::any_of(stream_.sources(), [](const RowStream::Source& source) {
    const auto counts = source.folder->manifest().counts(source.config.name, Split::kTrain);
    return counts.images + counts.videos + counts.audios > 0;
  });
}

double Dealer::cost_of(int64_t row) const {
  auto cost = cost_.row(shape_.row_tokens);
  const auto placed = stream_.row(row);
  for (const auto index : placed.pieces) {
    const auto& shard = *placed.plan->shard;
    for (const auto& item : shard.media(placed.plan->pieces[index].sample))
      cost += cost_.item(static_cast<Modality>(item.modality), item.geometry());
  }
  return cost;
}

Deal Dealer::deal(int64_t first_row, int64_t step) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = deals_.find(step); found != deals_.end()) return found->second;
  }
  std::vector<double> costs;
  for (int64_t i = 0; i < shape_.step_rows; ++i)
    costs.push_back(cost_of(first_row + step * shape_.step_rows + i));
  auto deal = deal_rows(costs, shape_.world);
  const std::lock_guard lock(mutex_);
  return deals_.emplace(step, std::move(deal)).first->second;
}

void Dealer::forget_before(int64_t step) {
  const std::lock_guard lock(mutex_);
  deals_.erase(deals_.begin(), deals_.lower_bound(step));
}

void Dealer::forget() {
  const std::lock_guard lock(mutex_);
  deals_.clear();
}

}  // namespace reka::data
