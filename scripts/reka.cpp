#include <algorithm>
#include <cstdio>
#include <exception>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <c10/util/Exception.h>
#include <c10/util/Logging.h>

#include "reka/base/error.h"
#include "reka/base/words.h"
#include "scripts/commands/commands.h"

namespace {

constexpr int kWrongUse = 2;  // found before any work
constexpr int kFailed = 1;

// The nearest option to the first that is none; after launch the options are train's, behind "--".
std::string option_hint(const CLI::App& command, int argc, char** argv) {
  std::vector<std::string> names;
  for (const auto* option : command.get_options())
    for (const auto& name : option->get_lnames()) names.push_back("--" + name);
  for (int n = 1; n < argc && std::string_view(argv[n]) != "--"; ++n) {
    const auto name = std::string(argv[n]).substr(0, std::string_view(argv[n]).find('='));
    if (!name.starts_with("--") || std::ranges::find(names, name) != names.end()) continue;
    if (command.get_name() == "launch") return fmt::format(": {} must stand after --", name);
    return reka::did_you_mean(name, names);
  }
  return "";
}

// Of an unknown command CLI11 only says that one is required.
std::string finding(const CLI::App& app, int argc, char** argv, const CLI::ParseError& error) {
  const auto* at = &app;
  for (int n = 1; n < argc && argv[n][0] != '-'; ++n) {
    std::vector<std::string> names;
    for (const auto* command : at->get_subcommands([](const CLI::App*) { return true; }))
      names.push_back(command->get_name());
    if (names.empty()) break;
    const auto known = std::ranges::find(names, argv[n]);
    if (known == names.end())
      return fmt::format("{}: no such command{}", argv[n], reka::did_you_mean(argv[n], names));
    at = at->get_subcommand(*known);
  }
  return error.what() + option_hint(*at, argc, argv);
}

// On a full disk results would be lost without a word.
void expect_written() {
  std::cout.flush();
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0 || !std::cout)
    throw reka::Error("stdout: cannot be written in full: must have room");
}

int run(int argc, char** argv) {
  CLI::App app{"reka: prepare, train, evaluate and export multimodal language models"};
  app.require_subcommand(1);
  app.set_version_flag("--version", "reka " REKA_VERSION);
  reka::commands::add_bench(app);
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
    if (error.get_exit_code() == 0) return app.exit(error);  // --help
    throw reka::ConfigError("command line: {}: see reka --help", finding(app, argc, argv, error));
  }
  expect_written();
  return 0;
}

void tell(const char* findings) {
  std::istringstream lines(findings);
  for (std::string line; std::getline(lines, line);)
    std::fprintf(stderr, "%s%s\n", reka::kErrorMark, line.c_str());
}

}  // namespace

int main(int argc, char** argv) {
  FLAGS_caffe2_use_fatal_for_enforce = false;  // no room for a tensor is an error, not an abort
  try {
    return run(argc, argv);
  } catch (const reka::ConfigError& error) {
    tell(error.what());
    return kWrongUse;
  } catch (const c10::Error& error) {  // without its stack trace
    tell(error.what_without_backtrace());
    return kFailed;
  } catch (const std::exception& error) {
    tell(error.what());
    return kFailed;
  }
}
