#pragma once

#include <vector>

#include "eval/config.h"
#include "eval/model_scorer.h"
#include "eval/results.h"

namespace reka::eval {

/// Runs the tasks of the config in their order, after all have their samples. Throws ConfigError
/// for a source that is not there, DataError when the shards are missing, were made with another
/// tokenizer, or have no sample for a task.
std::vector<TaskResult> evaluate(EvalConfig config, const Subject& subject);

/// Writes results.json and report.html into the config's folder.
void write_results(const EvalConfig& config, const Subject& subject,
                   const std::vector<TaskResult>& results);

}  // namespace reka::eval
