#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "eval/showcase.h"
#include "reka/base/log.h"
#include "reka/base/reader.h"
#include "reka/parallel/launch.h"
#include "scripts/commands/commands.h"
#include "scripts/commands/subject.h"
#include "train/dry_run.h"
#include "train/feed.h"
#include "train/signals.h"
#include "train/trainer.h"

namespace reka::commands {
namespace {

struct TrainCommand {
  std::string config;
  std::vector<std::string> overrides;
  bool dry_run = false;
};

/// Nothing where the config wants no samples. The items are looked up at the first call.
train::ShowSamples samples_of(const train::RunConfig& config) {
  if (config.evaluate.samples == 0) return {};
  return [shards = config.data.shards, samples = config.evaluate.samples,
          showcase = std::shared_ptr<eval::Showcase>()](
             const Model& model, const std::shared_ptr<const data::Tokenizer>& tokenizer) mutable {
    if (!showcase) showcase = std::make_shared<eval::Showcase>(shards, samples);
    return showcase->figures(subject_of(model, tokenizer), kShowSeconds);
  };
}

void train(const TrainCommand& command) {
  auto config = load_config<train::RunConfig>(command.config, command.overrides);
  const auto launch = read_launch();
  set_log_rank(static_cast<int>(launch.rank), static_cast<int>(launch.world_size));
  if (command.dry_run) {
    const auto found = train::dry_run(config, launch);
    if (is_log_rank()) fmt::print("{}", train::to_text(found));
    return;
  }
  train::use_local_shards(config.config);
  const auto outcome = train::Trainer(config, launch, samples_of(config.config)).run();
  // What comes behind `&&` must not go on with half a run.
  if (outcome == train::Outcome::kStopped) std::exit(train::StopSignals::exit_code());
}

}  // namespace

void add_train(CLI::App& app) {
  auto options = std::make_shared<TrainCommand>();
  auto* command = app.add_subcommand("train", "train a model; resumes by itself");
  command->add_option("CONFIG", options->config, "what to train on what, a YAML file")->required();
  command->add_option("OVERRIDES", options->overrides, "key.path=value, over the file");
  command->add_flag("--dry-run", options->dry_run,
                    "build everything, make one step on generated data and print sizes; nothing is "
                    "written, no shards are needed, and an absent init_from is random weights");
  command->callback([options] { train(*options); });
}

}  // namespace reka::commands
