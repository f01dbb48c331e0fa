#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "data/build.h"
#include "data/corpus/signals.h"
#include "data/corpus/what_if.h"
#include "reka/base/quantity.h"
#include "reka/base/reader.h"
#include "scripts/commands/commands.h"

namespace reka::commands {
namespace {

using data::RuleCounts;

struct WhatIfOptions {
  std::string place;
  std::vector<std::string> overrides;
};

std::string amount(const RuleCounts::Count& count) {
  return fmt::format("{} ({})", count.documents, bytes_text(static_cast<double>(count.bytes)));
}

std::string percent(const RuleCounts::Count& part, const RuleCounts::Count& whole) {
  if (whole.documents == 0) return "-";
  return percent_text(static_cast<double>(part.documents) / static_cast<double>(whole.documents));
}

void print_rules(const RuleCounts& before, const RuleCounts& after) {
  std::map<std::string, RuleCounts::OfRule> old;
  for (const auto& rule : before.rules) old[rule.name] = rule;
  fmt::print("{:<40} {:>24} {:>24} {:>24}\n", "rule, in order", "dropped by the build",
             "would be dropped", "by it alone");
  const auto print_one = [](const std::string& name, const RuleCounts::OfRule& was,
                            const RuleCounts::OfRule& is) {
    fmt::print("{:<40} {:>24} {:>24} {:>24}\n", name, amount(was.dropped), amount(is.dropped),
               amount(is.alone));
  };
  for (const auto& rule : after.rules) {
    print_one(rule.name, old[rule.name], rule);
    old.erase(rule.name);
  }
  for (const auto& rule : before.rules) {
    if (old.contains(rule.name)) print_one(rule.name + " (gone)", rule, {});
  }
}

void print_languages(const RuleCounts& before, const RuleCounts& after) {
  fmt::print("\n{:<12} {:>24} {:>24} {:>24} {:>8}\n", "language", "read", "kept by the build",
             "would be kept", "");
  std::vector<std::pair<std::string, RuleCounts::OfLanguage>> sorted(after.languages.begin(),
                                                                     after.languages.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
    return a.second.read.bytes > b.second.read.bytes;
  });
  for (const auto& [name, is] : sorted) {
    fmt::print("{:<12} {:>24} {:>24} {:>24} {:>8}\n", name.empty() ? "(unknown)" : name,
               amount(is.read), amount(before.languages.at(name).kept), amount(is.kept),
               percent(is.kept, is.read));
  }
  fmt::print("{:<12} {:>24} {:>24} {:>24} {:>8}\n", "all", amount(after.read), amount(before.kept),
             amount(after.kept), percent(after.kept, after.read));
}

void what_if(const WhatIfOptions& options) {
  namespace fs = std::filesystem;
  fs::path folder = options.place;
  data::RuleTable rules;
  if (fs::is_directory(folder)) {
    data::rules_of_build(folder);  // tells a folder that is none before anything else
    rules = load_config<data::RulesFile>(folder / data::kRulesName, options.overrides)
                .config.data.rules;
  } else {
    auto config = load_config<data::DataBuildConfig>(options.place, options.overrides).config.data;
    folder = config.folder;
    rules = std::move(config.rules);
  }
  const auto present = data::rules_of_build(folder);
  const data::SignalFile signals(folder / data::kSignalsName);
  const auto before = data::count_by_rules(present, signals);
  const auto after = data::count_by_rules(rules, signals);
  print_rules(before, after);
  print_languages(before, after);
  fmt::print("by signals alone, before duplicates and evaluation sets are looked for\n");
}

void list_signals() {
  for (const auto& column : data::signal_columns()) {
    fmt::print("{:<46} {}\n", data::versioned_name(column), column.meaning);
  }
}

}  // namespace

void add_what_if(CLI::App& data) {
  auto* command = data.add_subcommand(
      "whatif", "what other rules would keep and drop of a built corpus, without reading it again");
  const auto options = std::make_shared<WhatIfOptions>();
  command
      ->add_option("place", options->place,
                   "a folder of shards: its rules; or a file of configs/data: the rules there "
                   "against those that its folder was built with")
      ->required();
  command->add_option("overrides", options->overrides,
                      "data.rules.NAME.max=0.2 ..., over these rules");
  command->callback([options] { what_if(*options); });
}

void add_signals(CLI::App& data) {
  auto* command = data.add_subcommand(
      "signals", "the signals that rules may judge, each with its version and exact meaning");
  command->callback([] { list_signals(); });
}

}  // namespace reka::commands
