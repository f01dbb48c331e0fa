#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "reka/base/reader.h"
#include "reka/parallel/group.h"
#include "train/config.h"
#include "train/curriculum.h"

namespace reka::train {

/// The newest whole checkpoint of a run, or nothing; all ranks take the first one's.
std::filesystem::path find_checkpoint(const std::filesystem::path& folder, Group& group);

/// A key whose value differs.
struct ChangedKey {
  std::string key, now, before;
};

/// In the order of `now`, then what only `before` has.
std::vector<ChangedKey> changed_keys(const YamlNode& now, const YamlNode& before);

/// Tells of each key that differs from the config.yaml of the checkpoint. Throws ConfigError for
/// one that makes another model of the same weights.
void tell_changes(const Resolved<RunConfig>& now, const std::filesystem::path& checkpoint);

/// Whether log.jsonl has no held-out losses of this step, for which there are samples.
bool lacks_held_out(const RunConfig& config, const std::vector<Stage>& stages, int64_t step);

/// What a run whose last step is saved lacks behind it.
struct EndWork {
  bool held_out = false;     // the loss of the last evaluation
  bool report = false;       // report.html, or the samples in it
  std::string text() const;  // "" where nothing is lacking
};

/// What log.jsonl and about.json say of the run that ends after `stages`, the same on all ranks.
EndWork missing_end_work(const RunConfig& config, const std::vector<Stage>& stages,
                         bool wants_samples, Group& group);

}  // namespace reka::train
