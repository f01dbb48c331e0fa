#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "reka/base/error.h"
#include "reka/parallel/supervise.h"
#include "scripts/commands/commands.h"
#include "scripts/commands/options.h"

namespace reka::commands {
namespace {

void expect_divided(const std::vector<std::string>& command) {
  const bool builds = command.size() > 1 && command[0] == "data" && command[1] == "build";
  if (command[0] == "train" || builds) return;
  throw ConfigError("launch: {}: must be train or data build, the commands that divide their work",
                    command[0] == "data" && command.size() > 1 ? "data " + command[1] : command[0]);
}

}  // namespace

void add_launch(CLI::App& app) {
  auto job = std::make_shared<Job>();
  auto* command = app.add_subcommand(
      "launch", "several processes: launch -n 2 -- train CONFIG, or data build CONFIG");
  command->add_option("-n,--processes", job->processes, "how many")->required()->check(at_least(1));
  command->add_option("--restarts", job->restarts, "start all anew after a failure, so many times")
      ->check(at_least(0));
  command
      ->add_option("COMMAND", job->command, "train CONFIG ... or data build CONFIG ..., after --")
      ->required();
  command->callback([job] {
    expect_divided(job->command);
    const auto program = std::filesystem::read_symlink("/proc/self/exe").string();
    job->command.insert(job->command.begin(), program);
    if (const auto code = supervise(*job); code != 0) std::exit(code);
  });
}

}  // namespace reka::commands
