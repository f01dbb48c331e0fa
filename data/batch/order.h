#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/batch/mixture.h"
#include "data/batch/source_order.h"

namespace reka::data {

/// A global row: which source, and where in its folder.
struct RowPlace {
  size_t source = 0;
  GroupRow row;
};

/// The rows of several sources in one sequence: for training as the mixture says, for a held-out
/// split each row once, source after source.
class RowOrder {
 public:
  virtual ~RowOrder() = default;
  virtual RowPlace locate(int64_t row) = 0;
  virtual std::optional<int64_t> num_rows() const = 0;   // none: endless
  virtual std::vector<int64_t> source_rows() const = 0;  // of each source in an epoch
};

/// A source of the mixture and the number of its rows that may be given out; none: no limit.
struct MixedSource {
  std::unique_ptr<SourceOrder> order;
  int64_t weight = 1;
  std::optional<int64_t> limit;
};

/// A source at its limit leaves; the others go on in the mixture of their weights.
class TrainingOrder : public RowOrder {
 public:
  explicit TrainingOrder(std::vector<MixedSource> sources);

  /// Throws DataError behind the last row that all limits allow.
  RowPlace locate(int64_t row) override;
  std::optional<int64_t> num_rows() const override { return end_; }
  std::vector<int64_t> source_rows() const override;
  /// Where each source goes on when a mixture ends after `rows` rows.
  std::vector<SourceCursor> cursors(int64_t rows);
  /// The sources that have left before `row`, in the order in which they did.
  std::vector<size_t> left_before(int64_t row) const;
  const SourceOrder& source(size_t index) const { return *sources_[index].order; }

 private:
  /// The mixture of the sources that are left from row `begin` on.
  struct Phase {
    int64_t begin = 0;
    Mixture mixture;            // a source that has left has weight 0
    std::vector<int64_t> done;  // rows of each source before
  };

  void add_phase(int64_t begin, std::vector<int64_t> done);
  const Phase& phase(int64_t row) const;
  int64_t rows_of(size_t source, const Phase& phase, int64_t row) const;

  std::vector<MixedSource> sources_;
  std::vector<Phase> phases_;
  std::vector<std::pair<int64_t, size_t>> left_;  // at row, source
  std::vector<bool> gone_;
  std::optional<int64_t> end_;
};

class HeldOutOrder : public RowOrder {
 public:
  struct Source {
    std::shared_ptr<PlannedFolder> folder;
    std::string name;
  };
  HeldOutOrder(const std::vector<Source>& sources, Split split);

  RowPlace locate(int64_t row) override;
  std::optional<int64_t> num_rows() const override { return begin_.back(); }
  std::vector<int64_t> source_rows() const override { return source_rows_; }

 private:
  std::vector<std::pair<size_t, size_t>> groups_;  // source, shard
  std::vector<int64_t> begin_{0};                  // first row of each group
  std::vector<int64_t> source_rows_;
};

}  // namespace reka::data
