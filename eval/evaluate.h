#pragma once

#include <filesystem>
#include <vector>

#include "eval/config.h"
#include "eval/model_scorer.h"
#include "eval/results.h"

namespace reka::eval {

/// Runs the tasks of the config in their order. Throws DataError when the shards are missing, were
/// made with another tokenizer, or have no sample for a task.
std::vector<TaskResult> evaluate(const EvalConfig& config, const Subject& subject);

/// Writes results.json and report.html into `folder`.
void write_results(const std::filesystem::path& folder, const std::string& title,
                   const std::vector<TaskResult>& results);

}  // namespace reka::eval
