#pragma once

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "data/shards/sample.h"
#include "eval/answers.h"
#include "eval/choice.h"
#include "eval/held_out.h"
#include "reka/base/json.h"

namespace reka::eval {

struct AnswersResult {
  std::vector<Answer> answers;
};

/// What one task found, with the samples that it was asked.
struct TaskResult {
  std::string name;
  std::variant<HeldOutResult, ChoiceResult, AnswersResult> result;
  std::vector<data::Sample> samples;
  int64_t left_out = 0;  // samples for whose media the model has no room
};

/// `results.json`: the numbers of every task, for programs.
Json to_json(const std::vector<TaskResult>& results);

/// A few lines for the terminal.
std::string summary(const std::vector<TaskResult>& results);

}  // namespace reka::eval
