#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/batch/deal.h"
#include "data/batch/expand.h"
#include "data/batch/findings.h"
#include "data/batch/guard.h"
#include "data/batch/loader_state.h"
#include "data/batch/stream.h"
#include "data/tokens/denoise.h"
#include "data/tokens/tokenizer.h"
#include "reka/model/input.h"

namespace reka::data {

struct LoaderConfig {
  int64_t row_tokens = 0;       // T
  int64_t rows = 1;             // in one micro-batch
  int64_t step_rows = 0;        // B; 0: rows are dealt in turn, whatever they cost
  uint64_t seed = 0;            // of the order
  Split split = Split::kTrain;  // dev and test: each row once, in the order of the shards
  ObjectiveConfig objective;
  int64_t threads = 2;                 // that decode media and build batches; 0: in next()
  int64_t prefetch = 4;                // micro-batches kept ready
  int64_t max_quarantined = 100;       // more damaged samples than this are an error
  ClusterRepeats cluster_repeats;      // of training
  std::shared_ptr<const Guard> guard;  // of training; none: nothing is masked
};

/// Which of the ranks that share the rows this one is.
struct LoaderRank {
  int64_t rank = 0;
  int64_t world = 1;
};

/// What the rows of this loader cost and left out. Refused samples do not fit a row and may
/// not be cut; quarantined ones are damaged or cannot be decoded and were replaced; masked ones
/// have words of an evaluation set and no target.
struct LoaderReport {
  int64_t rows_per_epoch = 0;        // of all sources; held-out: all rows
  std::vector<int64_t> source_rows;  // of each source, in their order
  int64_t num_refused = 0;
  std::vector<Refused> refused;      // the first of each shard
  std::vector<Refused> quarantined;  // that this loader knows of
  std::vector<Refused> masked;       // likewise
};

/// Gives out micro-batches of packed rows. Global row g is a pure function of (shards, mixture,
/// config, g). A step of B rows trains on rows [s B, (s + 1) B) for every world and micro-batch
/// size that divide B: dealt in turn, micro-batch j of rank r holds the rows (j m + i) world + r,
/// i < m = config.rows; with `step_rows` the ranks get equal cost where media make rows uneven.
/// Threads build batches ahead; their number never changes what next() returns.
///
/// A sample that is damaged or cannot be decoded is named, counted and replaced by the next piece
/// of its group that takes no more room, the same on every rank; in a held-out split it is left
/// out.
class Loader {
 public:
  /// Throws DataError: a missing or foreign folder or source, another tokenizer, no rows.
  Loader(const LoaderConfig& config, const std::vector<LoaderSource>& sources,
         const std::shared_ptr<const Tokenizer>& tokenizer, const MediaRules& media,
         const LoaderRank& rank = {});
  ~Loader();

  /// The next micro-batch, on the CPU. An error of a thread is thrown here, at its batch.
  Batch next();
  /// Whether a pass over dev or test is over; every rank then has had as many batches, the last
  /// ones filled up with rows of weight 0. Training never ends.
  bool finished() const;

  LoaderState state() const;  // after the last next()
  /// Continues as if next() had been called up to there. A state of another plan (other sources,
  /// weights, row length, objective or seed) begins this plan instead, then false is returned: a
  /// source whose rows are the same goes on with the next of them, any other at the first groups
  /// that the state had not begun.
  bool restore(const LoaderState& state);
  /// A line for each source that goes on otherwise than in the mixture of the state.
  std::vector<std::string> changes(const LoaderState& state) const;

  /// Samples that were found in the batches of next() since the last call, each once.
  BatchFindings::Found take_found();
  /// What other ranks found; it is not read again.
  void add_quarantined(const std::vector<Quarantined>& found);

  const RowStream& stream() const;
  int64_t rows_given() const;  // global rows of the batches so far
  /// Rows that are left within the limits of the sources; none: endless.
  std::optional<int64_t> rows_left() const;
  /// Sources that have left the mixture at their limit, by name.
  std::vector<std::string> exhausted() const;
  /// Of the step that the last batch is of; without rows where they are dealt in turn.
  Deal deal() const;

  const std::vector<std::string>& source_names() const;    // of DocumentInfo::source
  const std::vector<std::string>& language_names() const;  // of DocumentInfo::language
  double seconds_waited() const;                           // in next(), for threads
  LoaderReport report() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace reka::data
