#include <cstdio>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/ranges.h>

#include "data/tokens/tokenizer.h"
#include "reka/base/error.h"
#include "reka/base/json.h"
#include "scripts/commands/commands.h"
#include "scripts/commands/prompt.h"

namespace reka::commands {
namespace {

constexpr auto kTokenizerHelp =
    "tokenizer.model, or the folder of one: shards, run, checkpoint, exported folder";

struct TokenizeOptions {
  std::string tokenizer;
  bool specials = false;
};

void tokenize(const TokenizeOptions& options) {
  const auto tokenizer = data::Tokenizer::load(options.tokenizer);
  std::string line;
  for (int64_t number = 1; std::getline(std::cin, line); ++number) {
    if (const auto finding = text_finding(line); !finding.empty())
      throw DataError("stdin:{}: {}", number, finding);
    const auto ids =
        options.specials ? tokenizer->encode_with_specials(line) : tokenizer->encode(line);
    fmt::print("[{}]\n", fmt::join(ids, ", "));
  }
}

std::vector<int32_t> parse_ids(const std::string& line, const std::string& place,
                               int64_t vocab_size) {
  const auto json = parse_json(line, place);
  if (!json.is_array()) throw DataError("{}: {}: must be a list of ids", place, dump_json(json));
  std::vector<int32_t> ids;
  for (const auto& id : json) {
    const bool fits = id.is_number_integer() && id >= 0 && id < vocab_size;
    if (!fits)
      throw DataError("{}: {}: must be an id in [0, {})", place, dump_json(id), vocab_size);
    ids.push_back(id.get<int32_t>());
  }
  return ids;
}

void detokenize(const std::string& path) {
  const auto tokenizer = data::Tokenizer::load(path);
  std::string line;
  for (int64_t number = 1; std::getline(std::cin, line); ++number) {
    std::string text;
    if (!line.empty()) {
      const auto ids = parse_ids(line, fmt::format("stdin:{}", number), tokenizer->vocab_size());
      text = tokenizer->decode(ids);
    }
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fputc('\n', stdout);
  }
}

}  // namespace

void add_tokenize(CLI::App& app) {
  auto* command = app.add_subcommand("tokenize", "lines of stdin -> JSON lists of ids");
  const auto options = std::make_shared<TokenizeOptions>();
  command->add_option("--tokenizer", options->tokenizer, kTokenizerHelp)->required();
  command->add_flag("--specials", options->specials,
                    "special symbols in the text become their ids, as in transformers; not <unk>");
  command->callback([options] { tokenize(*options); });
}

void add_detokenize(CLI::App& app) {
  auto* command = app.add_subcommand("detokenize", "JSON lists of ids on stdin -> text");
  const auto path = std::make_shared<std::string>();
  command->add_option("--tokenizer", *path, kTokenizerHelp)->required();
  command->callback([path] { detokenize(*path); });
}

}  // namespace reka::commands
