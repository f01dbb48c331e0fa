#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/batch/cluster_repeats.h"
#include "data/corpus/evaluation_index.h"
#include "data/shards/mirror.h"
#include "data/tokens/denoise.h"
#include "reka/base/config.h"
#include "reka/base/words.h"
#include "reka/model/model.h"
#include "reka/parallel/mesh.h"
#include "train/optimizer/adamw.h"
#include "train/optimizer/schedule.h"

namespace reka::train {

// No run comes near these: what is beyond is a slip that would hang or fill the memory.
inline constexpr double kMostSteps = 1e9;
inline constexpr double kMostRows = 1 << 20;
inline constexpr double kMostRowTokens = 1 << 24;

struct RunSection {
  std::string name = "run";
  std::string dir;
  int64_t seed = 1;

  void describe(auto& field) {
    field("name", name, "what reports call the run", not_empty);
    field("dir", dir, "where the run lives; default: runs/NAME");
    field.rule("dir", !dir.starts_with('~'), kNoTilde);
    field.rule(
        "name",
        [this] { return !dir.empty() || (name != ".." && name.find('/') == std::string::npos); },
        "must name a folder below runs/, or run.dir must be given");
    field("seed", seed, "of random weights and of the order of the data", not_negative);
  }
};

/// A source of the mixture; what is not given comes from the folder's manifest.
struct MixtureSource {
  std::optional<int64_t> weight;
  std::optional<int64_t> repeat;
  std::string shards;

  void describe(auto& field) {
    field("weight", weight, "share of the rows; 0 leaves the source out", not_negative);
    field("repeat", repeat,
          "epochs of it at most in the whole run, then it leaves the mixture; default: no limit",
          positive);
    field("shards", shards, "its folder, where it is another than data.shards");
  }
};

struct DataSection {
  std::string shards;
  int64_t sequence_length = 1024;
  Table<MixtureSource> sources;
  data::ObjectiveConfig objective;
  int64_t threads = 2;
  int64_t prefetch = 4;
  int64_t max_quarantined = 100;
  Table<int64_t> cluster_repeats;
  data::DecontaminationConfig guard;
  data::CacheConfig cache;

  void describe(auto& field) {
    field("shards", shards,
          "folder that `reka data build` wrote, or the http(s) URL under which a server has it");
    field("sequence_length", sequence_length, "tokens of a packed row", between(2, kMostRowTokens),
          multiple_of(2));
    field("sources", sources, "changes to the mixture, by source");
    field("objective", objective, "what the text is trained on");
    field("threads", threads, "that decode and pack ahead; 0: none", between(0, 256));
    field("prefetch", prefetch, "micro-batches kept ready", between(1, 1024));
    field("max_quarantined", max_quarantined, "more damaged samples than this end the run",
          not_negative);
    field("cluster_repeats", cluster_repeats,
          "how often a document stands in an epoch, by how many the corpus had that were alike: "
          "{1: 1, 2: 2, 5: 5, 1000: 1}, each from so many on; empty: once");
    field.rule("cluster_repeats", data::is_cluster_repeats(cluster_repeats),
               "must have ascending numbers from 1 on as keys, and at least 1 as values");
    field("guard", guard,
          "evaluation sets whose words and media must not be learnt, as in decontaminate of a "
          "corpus: what has them is read and not predicted");
    field("cache", cache, "where shards of a server are kept");
  }
};

/// A part of the run that differs from the others; what is not given is as in data and batch.
struct StageConfig {
  std::optional<int64_t> steps;
  std::optional<int64_t> tokens;
  std::optional<int64_t> sequence_length;
  std::optional<int64_t> rows;
  Table<MixtureSource> sources;
  std::optional<data::ObjectiveConfig> objective;

  void describe(auto& field) {
    field("steps", steps, "length of the stage", between(1, kMostSteps));
    field("tokens", tokens, "length of the stage, rounded up to whole steps", between(1, 1e18));
    field("sequence_length", sequence_length, "tokens of a packed row", between(2, kMostRowTokens),
          multiple_of(2));
    field("rows", rows, "rows of a step over all ranks", between(1, kMostRows));
    field("sources", sources, "changes to the mixture, over those of data.sources");
    field("objective", objective, "what the text is trained on");
    field.rule("steps", steps.has_value() != tokens.has_value(),
               "must be given, or tokens, but not both");
  }
};

struct BatchSection {
  int64_t rows = 8;
  std::optional<int64_t> micro_rows;

  void describe(auto& field) {
    field("rows", rows, "rows of a step over all ranks; the loss is the mean over their targets",
          between(1, kMostRows));
    field("micro_rows", micro_rows,
          "rows that one rank computes at a time; default: all of its rows", between(1, kMostRows));
  }
};

struct TrainSection {
  std::optional<int64_t> steps;
  double clip = 1.0;
  int64_t max_skipped = 10;
  std::vector<std::string> freeze;

  void describe(auto& field) {
    field("steps", steps, "stops after this many; default: the sum of the stages",
          between(1, kMostSteps));
    field("clip", clip, "largest norm of all gradients together; 0: no clipping", not_negative);
    field(
        "max_skipped", max_skipped,
        "ends the run after this many steps in a row that change no weight, for gradients that are "
        "not finite or for want of targets",
        positive);
    field("freeze", freeze, "beginnings of names of parameters that stay as they are");
  }
};

struct LogSection {
  int64_t every = 1;

  void describe(auto& field) {
    field("every", every, "steps between progress lines; log.jsonl has every step", positive);
  }
};

struct CheckpointSection {
  int64_t every = 100;
  int64_t keep = 2;
  std::optional<int64_t> keep_every;

  void describe(auto& field) {
    field("every", every, "steps between checkpoints; the last step always has one", positive);
    field("keep", keep, "how many of the newest are kept", positive);
    field("keep_every", keep_every, "checkpoints of multiples of this step are never removed",
          positive);
  }
};

struct EvaluateSection {
  int64_t every = 100;
  int64_t rows = 64;
  int64_t samples = 3;

  void describe(auto& field) {
    field("every", every, "steps between held-out losses; 0: none", not_negative);
    field("rows", rows,
          "held-out rows of the dev split, an equal share of every source but at least one; 0: all",
          not_negative);
    field(
        "samples", samples,
        "held-out items of each modality that report.html shows with what the model says; 0: none",
        between(0, 1000));
  }
};

/// `reka train CONFIG`: one file is one run.
struct RunConfig {
  RunSection run;
  Choice device{"auto", {"auto", "cpu", "cuda"}};
  Choice precision{"auto", {"auto", "bf16", "fp32"}};
  ModelConfig model;
  std::string init_from;
  DataSection data;
  BatchSection batch;
  TrainSection train;
  OneOf<AdamWConfig> optimizer;
  ScheduleConfig schedule;
  Table<StageConfig> stages;
  LogSection log;
  CheckpointSection checkpoint;
  EvaluateSection evaluate;
  MeshConfig parallel;

  void describe(auto& field) {
    field("run", run, "the run's name, place and seed");
    field("device", device, "where it computes; auto: a GPU if there is one");
    field("precision", precision,
          "bf16: matrices are computed in bfloat16, their master weights and sums are fp32; auto: "
          "bf16 where the device multiplies it, else fp32");
    field("model", model, "what is trained");
    field("init_from", init_from,
          "a MODEL (run, checkpoint, imported or exported folder) whose weights it starts from");
    field("data", data, "what it is trained on");
    field("batch", batch, "rows of a step");
    field("train", train, "length, clipping, frozen parameters");
    field("optimizer", optimizer, "how gradients change weights");
    field("schedule", schedule, "learning rate over the run");
    field("stages", stages, "parts of the run, one after the other");
    field("log", log, "what is printed");
    field("checkpoint", checkpoint, "when the run is saved and what is kept");
    field("evaluate", evaluate, "held-out loss during the run");
    field("parallel", parallel, "how the processes share the work");
    for (const auto& [name, stage] : stages) {
      field.rule("stages." + name, is_plain_name(name),
                 "must be named with letters, digits, - and _");
    }
    field.rule("train.steps", train.steps.has_value() || !stages.empty(),
               "must be given, or stages");
    field.rule(
        "batch.micro_rows", [&] { return batch.rows % batch.micro_rows.value_or(1) == 0; },
        "must divide batch.rows");
  }

  /// run.dir, or runs/NAME.
  std::string folder() const { return run.dir.empty() ? "runs/" + run.name : run.dir; }
};

}  // namespace reka::train
