#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "eval/evaluate.h"
#include "reka/base/error.h"
#include "reka/base/reader.h"
#include "scripts/commands/commands.h"
#include "scripts/commands/subject.h"

namespace reka::commands {
namespace {

struct EvalOptions {
  std::string config;
  std::vector<std::string> overrides;
};

void evaluate(const EvalOptions& options) {
  const auto resolved = load_config<eval::EvalConfig>(options.config, options.overrides);
  const auto& config = resolved.config;
  std::error_code error;  // before the work
  std::filesystem::create_directories(config.folder(), error);
  if (error) throw DataError("{}: {}: must be writable", config.folder(), error.message());
  const auto subject = open_subject(config.model, config.device.value, config.precision.value);
  const auto results = eval::evaluate(config, subject);
  eval::write_results(config, subject, results);
  fmt::print("{}\n{}results.json and report.html in {}\n", config.model, eval::summary(results),
             config.folder());
}

}  // namespace

void add_eval(CLI::App& app) {
  auto* command = app.add_subcommand("eval", "measure a model on held-out data");
  const auto options = std::make_shared<EvalOptions>();
  command->add_option("config", options->config, "a file of configs/eval")->required();
  command->add_option("overrides", options->overrides, "key.path=value ...");
  command->callback([options] { evaluate(*options); });
}

}  // namespace reka::commands
