#include <algorithm>
#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/ranges.h>
#include <unistd.h>

#include "data/build.h"
#include "data/shards/manifest.h"
#include "data/shards/reader.h"
#include "data/tokens/tokenizer.h"
#include "reka/base/error.h"
#include "reka/base/json.h"
#include "reka/base/log.h"
#include "reka/base/media.h"
#include "reka/base/reader.h"
#include "reka/parallel/launch.h"
#include "scripts/commands/commands.h"
#include "scripts/commands/options.h"

namespace reka::commands {
namespace {

using data::Split;

constexpr int64_t kShownSamples = 5;

struct BuildOptions {
  std::string config;
  std::vector<std::string> overrides;
};

struct ShowOptions {
  std::string folder;
  std::string split = "train";
  std::string source;
  std::string language;
  std::optional<int64_t> count;
  bool json = false;
};

std::vector<Split> splits_of(const ShowOptions& options) {
  if (options.split == "all") return {Split::kTrain, Split::kDev, Split::kTest};
  const auto split = data::split_named(options.split);
  if (!split) throw ConfigError("--split {}: must be train, dev, test or all", options.split);
  return {*split};
}

void print_counts(const data::Manifest& manifest) {
  fmt::print("{:<20} {:<6} {:>9} {:>11} {:>9} {:>8} {:>7} {:>7}\n", "source", "side", "samples",
             "tokens", "text MB", "images", "clips", "sounds");
  for (const auto& source : manifest.sources) {
    for (size_t n = 0; n < data::kSplitNames.size(); ++n) {
      const auto counts = manifest.counts(source.name, static_cast<Split>(n));
      if (counts.samples == 0) continue;
      fmt::print("{:<20} {:<6} {:>9} {:>11} {:>9.2f} {:>8} {:>7} {:>7}\n", source.name,
                 data::kSplitNames[n], counts.samples, counts.tokens,
                 static_cast<double>(counts.text_bytes) / 1e6, counts.images, counts.videos,
                 counts.audios);
    }
  }
}

void tell_and_stop(int signal) {
  constexpr std::string_view kTold = "data: stopped; the same command goes on from there\n";
  [[maybe_unused]] const auto told = write(STDERR_FILENO, kTold.data(), kTold.size());
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void build(const BuildOptions& options) {
  const auto resolved = load_config<data::DataBuildConfig>(options.config, options.overrides);
  const auto& config = resolved.config.data;
  const auto launch = read_launch();
  set_log_rank(static_cast<int>(launch.rank), static_cast<int>(launch.world_size));
  for (const auto signal : {SIGINT, SIGTERM})
    if (is_log_rank()) std::signal(signal, tell_and_stop);
  const auto manifest = data::build_corpus(config, launch);
  if (!is_log_rank()) return;
  print_counts(manifest);
  fmt::print("shards and report.html in {}\n", config.folder);
}

void expect_known(const char* option, const std::string& name,
                  const std::vector<std::string>& names) {
  if (name.empty() || std::ranges::find(names, name) != names.end()) return;
  throw ConfigError("{} {}: must be one of {}", option, name, fmt::join(names, ", "));
}

void print_sample(const data::Sample& sample, const data::Tokenizer& tokenizer) {
  fmt::print("{} / {} [{}] {} tokens, {} media\n{}\n\n", sample.source, sample.document_id,
             sample.language, sample.tokens.size(), sample.media.size(),
             tokenizer.decode(sample.tokens));
}

void print_record(const data::Sample& sample, const data::Tokenizer& tokenizer) {
  std::span tokens = sample.tokens;
  if (!tokens.empty() && tokens.back() == tokenizer.end_of_text())
    tokens = tokens.first(tokens.size() - 1);
  Json media = Json::array();
  for (const auto& medium : sample.media) media.push_back(modality_name(medium.modality));
  fmt::print("{}\n", dump_json({{"id", sample.document_id},
                                {"source", sample.source},
                                {"language", sample.language},
                                {"split", data::kSplitNames[static_cast<size_t>(sample.split)]},
                                {"alike", sample.origin.alike},
                                {"tokens", sample.tokens.size()},
                                {"media", media},
                                {"text", tokenizer.decode(tokens)}}));
}

void show(const ShowOptions& options) {
  const auto manifest = data::Manifest::load(options.folder);
  std::vector<std::string> sources;
  for (const auto& source : manifest.sources) sources.push_back(source.name);
  expect_known("--source", options.source, sources);
  expect_known("--language", options.language, manifest.languages);
  const auto tokenizer = data::Tokenizer::load(options.folder);
  const auto most = options.count.value_or(options.json ? INT64_MAX : kShownSamples);
  int64_t shown = 0;
  for (const auto split : splits_of(options)) {
    if (shown == most) break;
    data::visit_samples(options.folder, split, [&](data::Sample&& sample) {
      if (!options.source.empty() && sample.source != options.source) return true;
      if (!options.language.empty() && sample.language != options.language) return true;
      options.json ? print_record(sample, *tokenizer) : print_sample(sample, *tokenizer);
      return ++shown < most;
    });
  }
}

void add_build(CLI::App& data) {
  auto* command = data.add_subcommand(
      "build", "sources -> shards, tokenizer and report; goes on where it was interrupted");
  const auto options = std::make_shared<BuildOptions>();
  command->add_option("config", options->config, "a file of configs/data")->required();
  command->add_option("overrides", options->overrides, "key.path=value ...");
  command->callback([options] { build(*options); });
}

void add_stats(CLI::App& data) {
  auto* command = data.add_subcommand("stats", "samples, tokens and media of a folder of shards");
  const auto folder = std::make_shared<std::string>();
  command->add_option("folder", *folder, "a folder of shards")->required();
  command->callback([folder] { print_counts(data::Manifest::load(*folder)); });
}

void add_show(CLI::App& data) {
  auto* command = data.add_subcommand("show", "some samples of a folder of shards, as text");
  const auto options = std::make_shared<ShowOptions>();
  command->add_option("folder", options->folder, "a folder of shards")->required();
  command->add_option("--split", options->split, "train, dev, test or all; train unless given");
  command->add_option("--source", options->source, "samples of this source alone");
  command->add_option("--language", options->language, "samples of this language alone");
  command->add_option("--count", options->count, "how many; 5 unless given, of --jsonl all")
      ->check(at_least(1));
  command->add_flag("--jsonl", options->json,
                    "a line of JSON for each, with its whole text: the corpus for other programs");
  command->callback([options] { show(*options); });
}

}  // namespace

void add_data(CLI::App& app) {
  auto* command = app.add_subcommand("data", "build corpora and look into them");
  command->require_subcommand(1);
  add_build(*command);
  add_stats(*command);
  add_show(*command);
  add_signals(*command);
  add_what_if(*command);
  add_trace(*command);
}

}  // namespace reka::commands
