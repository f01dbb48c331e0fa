#pragma once

#include <cstdint>
#include <string>

#include "data/shards/mirror.h"
#include "eval/answers.h"
#include "eval/choice.h"
#include "eval/held_out.h"
#include "reka/base/config.h"

namespace reka::eval {

/// A task reads held-out samples of the shards.
using TaskConfig = OneOf<HeldOutConfig, ChoiceConfig, AnswersConfig>;

/// `reka eval CONFIG`.
struct EvalConfig {
  std::string model;
  std::string shards;
  data::CacheConfig cache;
  std::string output;
  Choice device{"auto", {"auto", "cpu", "cuda"}};
  Choice precision{"fp32", {"fp32", "bf16"}};
  int64_t batch_tokens = 8192;
  Table<TaskConfig> tasks;

  void describe(auto& field) {
    field("model", model, "a MODEL: run, checkpoint, imported or exported folder", not_empty);
    field("shards", shards,
          "folder that `reka data build` wrote, or the http(s) URL under which a server has it",
          not_empty);
    field("cache", cache, "where shards of a server are kept");
    field("output", output, "where results.json and report.html go; default: MODEL/eval");
    field("device", device, "where it computes; auto: a GPU if there is one");
    field("precision", precision, "of the model's matrices");
    field("batch_tokens", batch_tokens, "tokens that are scored at a time", positive);
    field("tasks", tasks, "what is measured, by name");
    field.rule("tasks", !tasks.empty(), "must have at least one task");
  }

  std::string folder() const { return output.empty() ? model + "/eval" : output; }
};

}  // namespace reka::eval
