#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>

#include "data/bench/read.h"
#include "scripts/commands/commands.h"
#include "scripts/commands/options.h"

namespace reka::commands {

void add_bench_read(CLI::App& data) {
  auto* command = data.add_subcommand(
      "read", "packed rows with their decoded media, as training reads them, per second");
  const auto setup = std::make_shared<data::bench::ReadSetup>();
  command->add_option("shards", setup->folder, "a folder of shards")->required();
  command->add_option("--source", setup->sources, "these sources alone");
  command->add_option("--row-tokens", setup->row_tokens, "tokens of a row")->check(at_least(2));
  command->add_option("--rows", setup->rows, "rows of a batch")->check(at_least(1));
  command->add_option("--threads", setup->threads, "that decode and pack; 0: none of their own")
      ->check(at_least(0));
  command->add_option("--batches", setup->batches, "how many are measured")->check(at_least(1));
  command->callback(
      [setup] { fmt::print("{}\n", dump_json(data::bench::measure_reading(*setup).json())); });
}

}  // namespace reka::commands
