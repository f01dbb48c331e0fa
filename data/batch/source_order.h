#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "data/batch/folder.h"

namespace reka::data {

/// What an epoch had begun of an earlier list of the source's shards: the groups of its first
/// windows, those behind shard `same` left out, which are others now.
struct BegunShards {
  int64_t shards = 0;
  int64_t windows = 0;
  int64_t same = 0;
  bool operator==(const BegunShards&) const = default;
};

/// The first `count` shards of a source, by name of their content.
struct ShardList {
  int64_t count = 0;
  std::string all, but_last;
  bool operator==(const ShardList&) const = default;
};

/// Where a source goes on. The same rows again: behind the first `row` rows of the epoch. Rows of
/// other rules: at `window` of the epoch, where all before it was begun. With shards that were
/// added: the epoch goes on with them and with those not begun.
struct SourceCursor {
  int64_t epoch = 0;
  int64_t window = 0;
  int64_t row = 0;
  std::string rows;  // names all that the rows depend on
  ShardList list;
  std::vector<BegunShards> begun;  // in this epoch, of earlier lists
  bool operator==(const SourceCursor&) const = default;
};

/// A row of a group in an epoch.
struct GroupRow {
  size_t shard = 0;
  int64_t epoch = 0;
  int64_t row = 0;
  std::optional<uint64_t> shuffle;  // key of the documents of the group
};

/// How the shards of a source are those that its cursor knew.
enum class Shards { kSame, kGrown, kOthers };

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
  /// How many rows are left of the first `epochs` epochs of the run.
  int64_t rows_within(int64_t epochs);
  /// Against the cursor that it started with.
  Shards shards() const { return change_; }
  bool same_rows() const { return start_.rows == rows_; }

 private:
  /// One epoch: begin[p] is the first row of the group at place p, begin.back() their number.
  struct Epoch {
    int64_t number = 0;
    std::vector<size_t> shards;
    std::vector<int64_t> begin;

    size_t place(int64_t row) const;
    int64_t window_begin(int64_t window) const;
    int64_t rows() const { return begin.back(); }
  };
  struct Place {
    std::shared_ptr<const Epoch> epoch;
    int64_t row = 0;  // in the epoch
  };

  std::string describe_rows() const;
  ShardList list(int64_t count) const;
  void compare_shards();
  std::vector<size_t> remaining() const;
  Place find(int64_t index);
  void announce(const Epoch& epoch, int64_t window);
  std::shared_ptr<const Epoch> epoch(int64_t number);
  int64_t epoch_rows(int64_t number);

  std::shared_ptr<PlannedFolder> folder_;
  std::string source_;
  uint64_t seed_;
  SourceCursor start_;
  std::vector<size_t> shards_;
  ShardList list_;
  std::string rows_;
  Shards change_ = Shards::kSame;
  std::vector<BegunShards> begun_;  // in the first epoch
  int64_t rows_per_epoch_ = 0;
  int64_t first_rows_ = 0;          // of what is left of the first epoch's groups
  std::mutex mutex_;                // of all below
  std::vector<int64_t> epoch_end_;  // rows up to the end of epoch start + i, less those left out
  std::map<int64_t, std::shared_ptr<const Epoch>> epochs_;
  std::pair<int64_t, int64_t> announced_{-1, -1};  // epoch, window
  int64_t left_out_ = 0;                           // rows at the beginning of the first epoch
};

/// The shards of a source and split, as indices in the manifest.
std::vector<size_t> shards_of(const Manifest& manifest, std::string_view source, Split split);

/// The place that `row` is in, when place p begins at begin[p]; empty ones are passed over.
size_t place_of(const std::vector<int64_t>& begin, int64_t row);

}  // namespace reka::data
