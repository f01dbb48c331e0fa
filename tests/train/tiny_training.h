#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <ATen/Parallel.h>

#include "reka/weights/checkpoint.h"
#include "tests/support/temp_folder.h"
#include "tests/train/tiny_corpus.h"
#include "train/telemetry/step_log.h"
#include "train/trainer.h"

namespace reka::testing {

using Overrides = std::vector<std::string>;

constexpr auto kTinyConfig = R"(
run: {{dir: {0}/run, name: tiny}}
device: cpu
precision: fp32
model:
  decoder: {{dim: 16, num_layers: 1, num_heads: 2, num_kv_heads: 1, hidden: 24, context: 64}}
data: {{shards: {0}/shards, sequence_length: 32, threads: 0}}
batch: {{rows: 4}}
train: {{steps: 6}}
optimizer: {{type: adamw, lr: 1e-2, eps: 1e-4}}
schedule: {{type: constant}}
log: {{every: 1000}}
checkpoint: {{every: 100}}
evaluate: {{every: 0, rows: 4}}
)";

/// A corpus of two sources in two languages, and a run on it.
struct TinyTraining {
  TempFolder folder;
  std::filesystem::path shards = folder.path() / "shards";
  std::filesystem::path run = folder.path() / "run";
  std::filesystem::path config =
      folder.write("run.yaml", fmt::format(kTinyConfig, folder.path().string()));

  TinyTraining() {
    at::set_num_threads(1);
    write_tiny_corpus(shards, tiny_tokenizer(), {{"a", "en"}, {"b", "de"}});
  }

  train::Outcome train(const Overrides& overrides = {}, train::ShowSamples samples = {}) const {
    const auto loaded = load_config<train::RunConfig>(config, overrides);
    return train::Trainer(loaded, Launch(), std::move(samples)).run();
  }

  std::string dir(const std::string& name) const {
    return "run.dir=" + (folder.path() / name).string();
  }
  std::vector<Json> log(const std::string& name = "run") const {
    return train::read_step_log(folder.path() / name / "log.jsonl");
  }
  std::vector<int64_t> saved(const std::string& name = "run") const {
    std::vector<int64_t> steps;
    for (const auto& place : list_checkpoints(folder.path() / name / "checkpoints")) {
      steps.push_back(place.step);
    }
    return steps;
  }
};

}  // namespace reka::testing
