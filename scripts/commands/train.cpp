#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "reka/base/log.h"
#include "reka/base/reader.h"
#include "reka/parallel/launch.h"
#include "scripts/commands/commands.h"
#include "train/trainer.h"

namespace reka::commands {
namespace {

struct Options {
  std::string config;
  std::vector<std::string> overrides;
};

void train(const Options& options) {
  const auto config = load_config<train::RunConfig>(options.config, options.overrides);
  const auto launch = read_launch();
  set_log_rank(static_cast<int>(launch.rank), static_cast<int>(launch.world_size));
  train::Trainer(config, launch).run();
}

}  // namespace

void add_train(CLI::App& app) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("train", "train a model; resumes by itself");
  command->add_option("CONFIG", options->config, "what to train on what, a YAML file")->required();
  command->add_option("OVERRIDES", options->overrides, "key.path=value, over the file");
  command->callback([options] { train(*options); });
}

}  // namespace reka::commands
