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

void add_launch(CLI::App& app) {
  auto job = std::make_shared<Job>();
  auto* command =
      app.add_subcommand("launch", "a training in several processes: launch -n 2 -- train CONFIG");
  command->add_option("-n,--processes", job->processes, "how many")->required()->check(at_least(1));
  command->add_option("--restarts", job->restarts, "start all anew after a failure, so many times")
      ->check(at_least(0));
  command->add_option("COMMAND", job->command, "train CONFIG ..., after --")->required();
  command->callback([job] {
    if (job->command.front() != "train")
      throw ConfigError("launch: {}: must be train, the one command that divides its work",
                        job->command.front());
    const auto program = std::filesystem::read_symlink("/proc/self/exe").string();
    job->command.insert(job->command.begin(), program);
    if (const auto code = supervise(*job); code != 0) std::exit(code);
  });
}

}  // namespace reka::commands
