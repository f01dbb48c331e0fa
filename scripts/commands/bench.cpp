#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "data/bench/filters.h"
#include "data/bench/minhash.h"
#include "data/bench/scale.h"
#include "data/bench/texts.h"
#include "data/bench/tokens.h"
#include "reka/base/files.h"
#include "reka/base/json.h"
#include "scripts/commands/commands.h"
#include "scripts/commands/options.h"

namespace reka::commands {
namespace {

struct MinHashOptions {
  std::string texts;
  std::string clusters;
  data::Workspace space{.folder = "."};
  int64_t repeats = 5;
  data::NearDuplicateConfig config;
};

struct ScaleOptions {
  std::vector<int64_t> documents = {1'000'000};
  std::vector<int64_t> planned = {1'000'000'000, 100'000'000'000};
  data::Workspace space{.folder = "."};
  data::NearDuplicateConfig config;
};

// One line of JSON each, as they come.
void print(const Json& json) {
  fmt::print("{}\n", dump_json(json));
  std::fflush(stdout);
}

void bench_minhash(const MinHashOptions& options) {
  const auto texts = data::bench::read_texts(options.texts);
  const auto result =
      data::bench::measure_minhash(texts, options.config, options.repeats, options.space);
  if (!options.clusters.empty()) {
    std::string lines;
    for (const auto first : result.first_of) lines += fmt::format("{}\n", first);
    write_file_atomic(options.clusters, lines);
  }
  print(result.json());
}

void bench_scale(const ScaleOptions& options) {
  data::bench::ScaleResult measured;
  for (const auto documents : options.documents) {
    measured = data::bench::measure_scale(documents, options.config, options.space);
    print(measured.json());
  }
  for (const auto documents : options.planned) {
    auto json = data::bench::plan_scale(documents, options.config, options.space, measured).json();
    json["planned"] = true;
    print(json);
  }
}

struct FiltersOptions {
  std::string texts;
  std::string fasttext;
  int64_t repeats = 5;
};

void bench_filters(const FiltersOptions& options) {
  data::PrepareConfig config;
  if (!options.fasttext.empty()) {
    config.language = data::FastTextConfig{.path = options.fasttext};
  }
  const auto texts = data::bench::read_texts(options.texts);
  print(data::bench::measure_filters(texts, config, options.repeats).json());
}

void add_filters(CLI::App& data) {
  auto* command = data.add_subcommand(
      "filters", "language and all signals: documents per second of one thread");
  const auto options = std::make_shared<FiltersOptions>();
  command->add_option("texts", options->texts, "a .jsonl file with \"text\", or a folder of shards")
      ->required();
  command->add_option("--fasttext", options->fasttext,
                      "tell languages by this model instead of CLD2");
  command->add_option("--repeats", options->repeats, "the median of so many")->check(at_least(1));
  command->callback([options] { bench_filters(*options); });
}

void add_bands(CLI::App& command, data::NearDuplicateConfig& config) {
  command.add_option("--bands", config.bands, "bands of a signature")->check(at_least(1));
  command.add_option("--rows", config.rows, "hashes of a band")->check(at_least(1));
}

void add_space(CLI::App& command, data::Workspace& space) {
  command.add_option("--memory", space.memory_bytes, "bytes for the hashes of all bands")
      ->check(at_least(1 << 20));
  command.add_option("--scratch", space.folder, "where files larger than memory go");
}

void add_minhash(CLI::App& data) {
  auto* command = data.add_subcommand(
      "minhash", "signatures and clusters of near duplicates: documents per second of one thread");
  const auto options = std::make_shared<MinHashOptions>();
  command->add_option("texts", options->texts, "a .jsonl file with \"text\", or a folder of shards")
      ->required();
  command->add_option("--ngram", options->config.ngram, "words of a shingle")->check(at_least(1));
  command->add_option("--repeats", options->repeats, "the median of so many")->check(at_least(1));
  command->add_option("--clusters", options->clusters,
                      "write the number of each document's first duplicate here, a line each");
  add_bands(*command, options->config);
  add_space(*command, options->space);
  command->callback([options] { bench_minhash(*options); });
}

void add_scale(CLI::App& data) {
  auto* command = data.add_subcommand(
      "scale", "clustering of made-up signatures: time, disk and memory, and those of more");
  const auto options = std::make_shared<ScaleOptions>();
  command->add_option("documents", options->documents, "how many, one run each");
  command->add_option("--plan", options->planned, "numbers of documents that are only reckoned");
  add_bands(*command, options->config);
  add_space(*command, options->space);
  command->callback([options] { bench_scale(*options); });
}

struct TokensOptions {
  std::string texts;
  std::string tokenizer;
  std::vector<int64_t> threads = {1, 2};
  int64_t repeats = 5;
};

void bench_tokens(const TokensOptions& options) {
  const auto texts = data::bench::read_texts(options.texts);
  for (const auto threads : options.threads)
    print(data::bench::measure_tokens(texts, options.tokenizer, threads, options.repeats).json());
}

void add_tokens(CLI::App& data) {
  auto* command = data.add_subcommand(
      "tokens", "tokenizing, beside the SentencePiece library with the same model: MB per second");
  const auto options = std::make_shared<TokensOptions>();
  command->add_option("texts", options->texts, "a .jsonl file with \"text\", or a folder of shards")
      ->required();
  command->add_option("--tokenizer", options->tokenizer, "a tokenizer.model, or the folder of one")
      ->required();
  command->add_option("--threads", options->threads, "how many, one result each")
      ->check(at_least(1));
  command->add_option("--repeats", options->repeats, "the median of so many")->check(at_least(1));
  command->callback([options] { bench_tokens(*options); });
}

}  // namespace

void add_bench(CLI::App& app) {
  auto* command = app.add_subcommand("bench", "measure; one line of JSON for each result");
  command->require_subcommand(1);
  auto* data = command->add_subcommand("data", "what prepares and reads corpora");
  data->require_subcommand(1);
  add_filters(*data);
  add_minhash(*data);
  add_bench_read(*data);
  add_scale(*data);
  add_tokens(*data);
}

}  // namespace reka::commands
