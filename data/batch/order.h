#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "data/batch/folder.h"
#include "data/batch/mixture.h"

namespace reka::data {

/// Where a source goes on. The same rows again: behind the first `row` rows of the epoch. Rows of
/// other rules: at `window` of the epoch, where all before it was begun.
struct SourceCursor {
  int64_t epoch = 0;
  int64_t window = 0;
  int64_t row = 0;
  std::string rows;  // names all that the rows depend on
  bool operator==(const SourceCursor&) const = default;
};

/// A row of a group in an epoch.
struct GroupRow {
  size_t shard = 0;
  int64_t epoch = 0;
  int64_t row = 0;
  std::optional<uint64_t> shuffle;  // key of the documents of the group
};

/// The endless rows of one source. An epoch holds each row of each group once. Its groups are
/// permuted, and the rows of a window of kWindowGroups groups are permuted together: what is read
/// at a time is bounded, and any row is found without those before it. All permutations are
/// keyed by (seed, source, epoch), so that other sources and row lengths do not change them.
class SourceOrder {
 public:
  static constexpr int64_t kWindowGroups = 4;

  /// Throws DataError when the source has no rows for training.
  SourceOrder(std::shared_ptr<PlannedFolder> folder, const std::string& source, uint64_t seed,
              const SourceCursor& start);

  GroupRow locate(int64_t index);
  /// Where the source goes on behind the rows before `index`.
  SourceCursor cursor_after(int64_t index);
  int64_t rows_per_epoch() const { return rows_per_epoch_; }  // of the first epoch

 private:
  /// One epoch: begin[p] is the first row of the group at place p, begin.back() their number.
  struct Epoch {
    int64_t number = 0;
    std::vector<size_t> shards;
    std::vector<int64_t> begin;

    size_t place(int64_t row) const;
    int64_t window_begin(int64_t window) const;
    int64_t num_windows() const;
  };
  struct Place {
    std::shared_ptr<const Epoch> epoch;
    int64_t row = 0;  // in the epoch
  };

  std::string describe_rows() const;
  Place find(int64_t index);
  std::shared_ptr<const Epoch> epoch(int64_t number);
  int64_t epoch_rows(int64_t number);

  std::shared_ptr<PlannedFolder> folder_;
  std::string source_;
  uint64_t seed_;
  SourceCursor start_;
  std::vector<size_t> shards_;
  std::string rows_;
  int64_t rows_per_epoch_ = 0;
  std::mutex mutex_;                // of all below
  std::vector<int64_t> epoch_end_;  // rows up to the end of epoch start + i, less those left out
  std::map<int64_t, std::shared_ptr<const Epoch>> epochs_;
  int64_t left_out_ = 0;  // rows at the beginning of the first epoch
};

/// A global row: which source, and where in its folder.
struct RowPlace {
  size_t source = 0;
  GroupRow row;
};

/// The rows of several sources in one sequence: for training as the mixture says and without end,
/// for a held-out split each row once, source after source.
class RowOrder {
 public:
  virtual ~RowOrder() = default;
  virtual RowPlace locate(int64_t row) = 0;
  virtual std::optional<int64_t> num_rows() const = 0;   // none: endless
  virtual std::vector<int64_t> source_rows() const = 0;  // of each source in an epoch
};

class TrainingOrder : public RowOrder {
 public:
  TrainingOrder(std::vector<std::unique_ptr<SourceOrder>> sources, Mixture mixture)
      : sources_(std::move(sources)), mixture_(std::move(mixture)) {}

  RowPlace locate(int64_t row) override;
  std::optional<int64_t> num_rows() const override { return std::nullopt; }
  std::vector<int64_t> source_rows() const override;
  /// Where each source goes on when a mixture ends after `rows` rows.
  std::vector<SourceCursor> cursors(int64_t rows);

 private:
  std::vector<std::unique_ptr<SourceOrder>> sources_;
  Mixture mixture_;
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

/// The shards of a source and split, as indices in the manifest.
std::vector<size_t> shards_of(const Manifest& manifest, std::string_view source, Split split);

}  // namespace reka::data
