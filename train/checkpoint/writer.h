#pragma once

#include <atomic>
#include <filesystem>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "train/optimizer/parameters.h"
#include "train/state.h"

namespace reka::train {

struct CheckpointOptions {
  std::filesystem::path folder;              // holds step-N
  std::map<std::string, std::string> files;  // written as they are: config.yaml, tokenizer.model
  int64_t keep = 2;                          // of the newest good ones
  int64_t keep_every = 0;                    // multiples of this step stay for ever; 0: none
  int64_t shard_bytes = 4LL << 30;           // tensors of one safetensors file, at least one
  int64_t resumed_step = std::numeric_limits<int64_t>::max();  // later ones were refused
};

/// Saves checkpoints (reka/weights/checkpoint.h) beside the training: save() copies the tensors and
/// returns, a thread writes, hashes, flushes and renames. What fails leaves the older checkpoints
/// as they are.
class CheckpointWriter {
 public:
  /// Removes what a killed process left half-written.
  explicit CheckpointWriter(CheckpointOptions options);
  ~CheckpointWriter();

  /// Copies weights and moments, notes `frozen` (whose values never change) and starts to write;
  /// waits for the save before. Gives the error of that one, if it failed and was not asked for
  /// yet.
  std::optional<std::string> save(const TrainState& state, const FlatParameters& parameters,
                                  const std::vector<FrozenParameter>& frozen);

  /// The error of a save that has ended, once; does not wait.
  std::optional<std::string> take_error();

  /// Waits for the last save. Throws CheckpointError if it failed.
  void finish();

 private:
  struct Snapshot;

  void write(const Snapshot& snapshot);
  void remove_old(int64_t newest) const;
  std::optional<std::string> wait();

  CheckpointOptions options_;
  std::set<int64_t> refused_;           // damaged checkpoints, not yet written again
  std::unique_ptr<Snapshot> snapshot_;  // its buffers are used again
  std::thread thread_;
  std::atomic<bool> writing_ = false;
  std::optional<std::string> error_;  // of the thread, read after it has ended
};

/// Warns of what save or take_error found, if anything.
void warn_of_save(const std::optional<std::string>& error);

}  // namespace reka::train
