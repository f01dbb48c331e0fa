#include "train/telemetry/report.h"

#include <cstdio>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "eval/showcase.h"
#include "reka/base/error.h"
#include "reka/base/reader.h"
#include "reka/weights/checkpoint.h"
#include "scripts/commands/commands.h"
#include "scripts/commands/subject.h"
#include "train/feed.h"

namespace reka::commands {
namespace {

struct ReportCommand {
  std::string run;
  bool samples = false;
};

train::ShownSamples answer(const std::filesystem::path& run) {
  auto config = load_config<train::RunConfig>(run / "config.yaml").config;
  train::use_local_shards(config);
  const eval::Showcase showcase(config.data.shards, config.evaluate.samples);
  const auto subject = open_subject(run, "auto", "fp32");
  const auto newest = list_checkpoints(run / "checkpoints").front().step;
  return {newest, showcase.figures(subject, kShowSeconds)};
}

void report(const ReportCommand& command) {
  train::ShownSamples samples;
  if (command.samples) samples = answer(command.run);
  fmt::print("{}\n", train::rewrite_report(command.run, samples).string());
}

}  // namespace

void add_report(CLI::App& app) {
  const auto options = std::make_shared<ReportCommand>();
  auto* command = app.add_subcommand("report", "write report.html of a training run again");
  command->add_option("RUN", options->run, "folder of a training run")->required();
  command->add_flag("--samples", options->samples,
                    "with what the newest checkpoint says of held-out items");
  command->callback([options] { report(*options); });
}

}  // namespace reka::commands
