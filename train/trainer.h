#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "reka/base/reader.h"
#include "reka/parallel/group.h"
#include "train/checkpoint/writer.h"
#include "train/feed.h"
#include "train/folder_lock.h"
#include "train/held_out.h"
#include "train/resume.h"
#include "train/subject.h"
#include "train/telemetry/journal.h"
#include "train/telemetry/report.h"

namespace reka::train {

/// How a call of train() ended.
enum class Outcome { kComplete, kWasComplete, kStopped };

/// A few held-out items with what the model makes of them, in a few seconds: for the report. Called
/// on the first rank between two steps; the other ranks wait.
using ShowSamples = std::function<std::vector<Figure>(
    const Model& model, const std::shared_ptr<const data::Tokenizer>& tokenizer)>;

/// Trains what the config describes, from where its run stands: from the newest whole checkpoint of
/// its folder, else from the beginning. SIGTERM and SIGINT save and stop; an error saves the steps
/// before it. The errors are those of the parts, one line each.
class Trainer {
 public:
  Trainer(const Resolved<RunConfig>& config, const Launch& launch, ShowSamples show_samples = {});

  Outcome run();

 private:
  void build(const std::filesystem::path& checkpoint);
  void start();
  void start_telling();
  Outcome train();
  bool make_up_held_out();
  Outcome finish(bool stopped);
  StepEntry train_one_step();
  void expect_progress(StepEntry& entry);
  bool wants_to_stop();
  bool evaluate(StepEntry& entry);
  void save(StepEntry& entry);
  void save_after_error();
  void report(bool with_samples);
  double learning_rate(const Stage& stage) const;

  const RunConfig& config_;
  Resolved<RunConfig> resolved_;
  Launch launch_;
  at::Device device_;
  std::shared_ptr<Group> group_;
  std::filesystem::path folder_;
  FolderLock lock_;  // on the first rank
  std::vector<Stage> stages_;
  int64_t last_step_ = 0;

  std::shared_ptr<const data::Tokenizer> tokenizer_;
  Subject subject_;
  std::unique_ptr<Stepper> stepper_;
  std::unique_ptr<Feed> feed_;
  std::unique_ptr<HeldOut> held_out_;
  std::unique_ptr<CheckpointWriter> writer_;  // on the first rank
  std::unique_ptr<Journal> journal_;          // on the first rank
  std::unique_ptr<Report> report_;            // on the first rank
  ShowSamples show_samples_;
  std::vector<ChangedKey> changes_;  // since the checkpoint that it goes on from
  TrainState state_;
  int64_t saved_step_ = 0;  // the last one that was given to the writer
  int64_t skipped_in_a_row_ = 0;
  bool diverged_ = false;  // in the last step
  double peak_ = 0;        // measured matmul peak, flop/s
};

}  // namespace reka::train
