#include <cstdio>
#include <exception>

#include <CLI/CLI.hpp>

#include "reka/base/error.h"
#include "scripts/commands/commands.h"

namespace {

constexpr int kWrongUse = 2;  // found before any work
constexpr int kFailed = 1;

int run(int argc, char** argv) {
  CLI::App app{"reka: prepare, train, evaluate and export multimodal language models"};
  app.require_subcommand(1);
  reka::commands::add_chat(app);
  reka::commands::add_data(app);
  reka::commands::add_detokenize(app);
  reka::commands::add_eval(app);
  reka::commands::add_explain(app);
  reka::commands::add_export(app);
  reka::commands::add_generate(app);
  reka::commands::add_launch(app);
  reka::commands::add_report(app);
  reka::commands::add_score(app);
  reka::commands::add_tokenize(app);
  reka::commands::add_train(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kWrongUse;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const reka::ConfigError& error) {
    std::fprintf(stderr, "reka: %s\n", error.what());
    return kWrongUse;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "reka: %s\n", error.what());
    return kFailed;
  }
}
