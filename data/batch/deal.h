#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <vector>

#include "data/batch/stream.h"
#include "data/media/rules.h"

namespace reka::data {

/// The rows of a step as its ranks share them.
struct Deal {
  std::vector<std::vector<int64_t>> rows;  // of each rank, ascending
  // The largest cost of a rank over their mean, so dealt and with row i given to rank i mod world.
  double spread = 1;
  double spread_in_turn = 1;
};

/// As many rows to every rank, and costs as equal as the greedy rule makes them: the dearest row
/// first, to the rank with the least so far that has room (Graham 1969, "Bounds on multiprocessing
/// timing anomalies"). Equal costs are dealt in turn. costs [rows], a multiple of `world`.
Deal deal_rows(std::span<const double> costs, int64_t world);

/// The deals of the steps of a stream, each found once. For several threads.
class Dealer {
 public:
  struct Shape {
    int64_t row_tokens = 0;
    int64_t step_rows = 0;
    int64_t world = 1;
  };
  Dealer(const RowStream& stream, const MediaRules& media, const Shape& shape)
      : stream_(stream), cost_(media.cost), shape_(shape) {}

  /// Whether there is anything to deal: several ranks and sources with media.
  bool deals() const;
  /// Of the rows [first_row + step B, first_row + (step + 1) B), counted from the first of them.
  Deal deal(int64_t first_row, int64_t step);
  void forget_before(int64_t step);
  void forget();

 private:
  double cost_of(int64_t row) const;

  const RowStream& stream_;
  CostRule cost_;
  Shape shape_;
  std::mutex mutex_;
  std::map<int64_t, Deal> deals_;
};

}  // namespace reka::data
