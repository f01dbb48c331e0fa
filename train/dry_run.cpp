#include "train/dry_run.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>

#include <fmt/ranges.h>

#include "data/tokens/tokenizer.h"
#include "reka/base/media.h"
#include "reka/base/quantity.h"
#include "reka/base/still_at_work.h"
#include "reka/model/model_folder.h"
#include "reka/parallel/device.h"
#include "reka/parallel/group.h"
#include "reka/weights/checkpoint.h"
#include "train/generated.h"
#include "train/subject.h"
#include "train/telemetry/machine.h"

namespace reka::train {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kAssumedVocab = 8192;

/// A run that has not saved yet holds no weights.
bool holds_weights(const fs::path& model) {
  return fs::exists(model / CheckpointManifest::kFileName) || fs::exists(model / "config.json") ||
         !list_checkpoints(model / "checkpoints").empty();
}

/// What the run starts from. The vocabulary is that of the shards, else of the weights, else
/// assumed.
std::optional<ModelFolder> find_start(const RunConfig& config, DryRun& found) {
  std::shared_ptr<const data::Tokenizer> tokenizer;
  if (fs::exists(fs::path(config.data.shards) / "tokenizer.model")) {
    tokenizer = data::Tokenizer::load(config.data.shards);
  }
  std::optional<ModelFolder> weights;
  if (!config.init_from.empty() && holds_weights(config.init_from)) {
    weights = open_init_from(config, tokenizer.get());
  } else if (!config.init_from.empty()) {
    found.notes.push_back(
        fmt::format("init_from = {}: absent: random weights instead", config.init_from));
  }
  if (tokenizer) {
    found.vocab_size = tokenizer->vocab_size();
    found.vocab_origin = config.data.shards;
  } else if (weights) {
    found.vocab_size = weights->vocab_size();
    found.vocab_origin = config.init_from;
  } else {
    found.vocab_size = kAssumedVocab;
    found.vocab_origin = "assumed";
    found.notes.push_back(fmt::format("data.shards = {}: absent: a vocabulary of {} instead",
                                      config.data.shards, kAssumedVocab));
  }
  return weights;
}

void measure_memory(const Subject& subject, DryRun& found) {
  for (const auto& group : subject.parameters->groups()) {
    const auto copy = group.copy.defined() ? group.copy.nbytes() : 0;
    const auto moments = group.first_moment.nbytes() + group.second_moment.nbytes();
    found.weight_bytes += static_cast<int64_t>(group.weight.nbytes() + copy);
    found.gradient_bytes += static_cast<int64_t>(group.gradient.nbytes());
    found.optimizer_bytes += static_cast<int64_t>(moments);
    found.checkpoint_bytes += static_cast<int64_t>(group.weight.nbytes() + moments);
  }
  for (const auto& [name, leaf, master] : subject.frozen) {
    const auto copy = leaf.is_alias_of(master) ? 0 : leaf.nbytes();
    found.weight_bytes += static_cast<int64_t>(master.nbytes() + copy);
    found.checkpoint_bytes += static_cast<int64_t>(master.nbytes());
  }
}

size_t largest_stage(const std::vector<Stage>& stages) {
  const auto tokens = [](const Stage& stage) { return stage.micro_rows * stage.sequence_length; };
  const auto largest =
      std::max_element(stages.begin(), stages.end(),
                       [&](const Stage& a, const Stage& b) { return tokens(a) < tokens(b); });
  return static_cast<size_t>(largest - stages.begin());
}

void note_modalities(const Batch& batch, DryRun& found) {
  for (const auto& item : batch.input.media) {
    const std::string name(modality_name(item.modality));
    const auto end = found.modalities.end();
    if (std::find(found.modalities.begin(), end, name) == end) found.modalities.push_back(name);
  }
}

void make_step(const RunConfig& config, const Subject& subject, Group& group, DryRun& found) {
  const auto& stage = found.stages[found.stage];
  const StepPlan plan = {.micro_batches = stage.rows / group.size() / stage.micro_rows,
                         .row_tokens = stage.sequence_length,
                         .rows = stage.rows,
                         .lr = std::get<AdamWConfig>(config.optimizer).lr,
                         .clip = config.train.clip};
  GeneratedRows shape = {.rows = stage.micro_rows,
                         .row_tokens = stage.sequence_length,
                         .vocab_size = found.vocab_size,
                         .seed = static_cast<uint64_t>(group.rank())};
  Stepper stepper(subject.loss(), subject.device, *subject.parameters, *subject.optimizer, group);
  const StillAtWork tell("dry run: one step on generated data");
  // Training meets rows without media too, whatever is frozen.
  shape.text_only = true;
  stepper.run(plan, 0, [&] { return generated_batch(config.model, shape); });
  shape.text_only = false;
  const auto start = std::chrono::steady_clock::now();
  auto result = stepper.run(plan, 0, [&] {
    shape.seed += static_cast<uint64_t>(group.size());
    auto batch = generated_batch(config.model, shape);
    note_modalities(batch, found);
    return batch;
  });
  found.targets = result.losses.all().weight;
  found.loss = result.losses.all().mean();
  found.gradient_norm = result.gradient_norm;
  found.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::string size_text(int64_t bytes) {
  return bytes_text(static_cast<double>(bytes));
}

std::string count_text(int64_t count) {
  return reka::count_text(static_cast<double>(count));
}

std::string stage_line(const Stage& stage) {
  const auto steps = stage.end - stage.begin;
  return fmt::format("{:<12}  {} steps of {} tokens ({} rows of {}, {} at a time): {} tokens\n",
                     stage.name, steps, stage.step_tokens(), stage.rows, stage.sequence_length,
                     stage.micro_rows, count_text(steps * stage.step_tokens()));
}

}  // namespace

DryRun dry_run(const Resolved<RunConfig>& resolved, const Launch& launch) {
  const auto& config = resolved.config;
  DryRun found;
  const auto device = pick_device(config.device.value, launch.local_rank);
  check_mesh(config.parallel, launch.world_size);
  found.stages = plan_stages(resolved, launch.world_size);
  found.stage = largest_stage(found.stages);
  const auto weights = find_start(config, found);
  const auto group =
      Group::connect(launch, device, std::chrono::seconds(config.parallel.timeout_seconds));
  const auto subject =
      make_subject(config, found.vocab_size, device, weights ? &*weights : nullptr);
  found.parameters = parameters_by_part(*subject.model);
  found.trained_parameters = subject.parameters->elements();
  measure_memory(subject, found);
  make_step(config, subject, *group, found);
  found.peak_bytes = peak_memory_bytes(device);
  return found;
}

std::string to_text(const DryRun& found) {
  std::string text;
  const auto line = [&](const std::string& label, const std::string& value) {
    text += fmt::format("{:<12}  {}\n", label, value);
  };
  for (const auto& note : found.notes) line("note", note);
  line("vocabulary", fmt::format("{} ({})", found.vocab_size, found.vocab_origin));
  int64_t all = 0;
  for (const auto& [part, count] : found.parameters) all += count;
  line("parameters", fmt::format("{}, {} of them trained", all, found.trained_parameters));
  for (const auto& [part, count] : found.parameters) {
    line("  " + part, fmt::format("{}", count));
  }
  line("weights", size_text(found.weight_bytes));
  line("gradients", size_text(found.gradient_bytes));
  line("optimizer", size_text(found.optimizer_bytes));
  line("peak memory", size_text(found.peak_bytes) + " with the step, of the whole process");
  line("checkpoint", size_text(found.checkpoint_bytes));
  text += "stages\n";
  for (const auto& stage : found.stages) text += "  " + stage_line(stage);
  const auto& stage = found.stages[found.stage];
  line("step",
       fmt::format("of {}: {} tokens with text{}{}, {:.0f} targets: {}", stage.name,
                   stage.step_tokens(), found.modalities.empty() ? "" : ", ",
                   fmt::join(found.modalities, ", "), found.targets, seconds_text(found.seconds)));
  line("loss", fmt::format("{:.4f}, that of a guess is {:.4f}; gradient norm {:.2f}", found.loss,
                           std::log(static_cast<double>(found.vocab_size)), found.gradient_norm));
  return text;
}

}  // namespace reka::train
