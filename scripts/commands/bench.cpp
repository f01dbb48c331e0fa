#include <CLI/CLI.hpp>

#include "scripts/commands/commands.h"

namespace reka::commands {

void add_bench(CLI::App& app) {
  auto* command = app.add_subcommand("bench", "measure; one line of JSON for each result");
  command->require_subcommand(1);
  auto* data = command->add_subcommand("data", "what prepares and reads corpora");
  data->require_subcommand(1);
  add_bench_read(*data);
}

}  // namespace reka::commands
