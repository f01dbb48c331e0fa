#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "data/batch/deal.h"
#include "data/batch/findings.h"
#include "reka/base/json.h"
#include "train/loss/language.h"
#include "train/telemetry/step_log.h"
#include "train/telemetry/tensorboard.h"

namespace reka::train {

/// All that is told of one step.
struct StepEntry {
  int64_t step = 0;
  int64_t last_step = 0;
  std::string stage;
  LossTable losses{0};
  double lr = 0;
  double gradient_norm = 0;
  bool applied = true;
  int64_t tokens = 0;  // of the run so far
  int64_t step_tokens = 0;
  int64_t padding = 0;
  double seconds = 0;       // of the step, without evaluation and checkpoint
  double data_seconds = 0;  // of those, waited for data
  double save_seconds = 0;  // the loop stood for a checkpoint
  double peak_share = 0;    // of the measured matmul peak; 0: unknown
  int64_t memory_bytes = 0;
  uint64_t order_hash = 0;
  int64_t masked = 0;                // documents, or pieces, without targets
  data::BatchFindings::Found found;  // samples, for the first time in the run
  data::Deal deal;
  std::optional<LossTable> held_out;

  /// Whether gradients, or held-out losses, are not finite: not for want of targets.
  bool has_diverged();
};

/// A log of the few steps that have something to tell: no file is there before the first.
class LogOfSome {
 public:
  LogOfSome(std::filesystem::path path, std::string key, int64_t last_step);
  /// {"step": step, KEY: [samples]}, where there are any.
  template <typename Sample>
  void write(int64_t step, const std::vector<Sample>& samples);

 private:
  std::filesystem::path path_;
  std::string key_;
  std::optional<StepLog> log_;
};

/// Tells of a run on the first rank: log.jsonl, quarantine.jsonl and masked.jsonl (the steps that
/// met samples that are damaged, or have words of an evaluation set), TensorBoard events and a line
/// now and then.
class Journal {
 public:
  static constexpr std::string_view kMaskedName = "masked.jsonl";

  /// Continues after `last_step` in the run's `folder`.
  Journal(const std::filesystem::path& folder, int64_t last_step, int64_t line_every);

  void set_languages(std::vector<std::string> training, std::vector<std::string> held_out);
  void write(StepEntry& entry);
  /// Adds the held-out losses of the last step, which was told of without them.
  void add_held_out(StepEntry& entry);

 private:
  void write_masked(StepEntry& entry);
  void write_events(const StepEntry& entry, const Json& json);
  void write_held_out_events(int64_t step, const Json& held_out);
  void print(const StepEntry& entry, const Json& json);

  StepLog log_;
  LogOfSome quarantine_, masked_;
  std::set<std::string> masked_documents_;
  EventWriter events_;
  int64_t line_every_;
  double seconds_ = 0;  // of all steps told of
  int64_t steps_ = 0;
  std::vector<std::string> languages_;
  std::vector<std::string> held_out_languages_;
};

/// {"loss", "targets", "bits_per_byte", "by_modality": {...}, "by_language": {...}}, the parts that
/// have targets.
Json losses_to_json(LossTable& table, const std::vector<std::string>& languages);

/// A line for the terminal of held-out losses as losses_to_json gives them, each with its unit.
std::string held_out_line(const Json& losses);

}  // namespace reka::train
