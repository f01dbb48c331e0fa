// What filters.py holds against datatrove.
//   peers_filters texts CONFIG PACKAGES SOURCE...   documents as JSON lines {"id", "language",
//   "text"} peers_filters judge FOLDER RULES...             reads JSON lines {"language", "text",
//   "words",
//       "sentences": {line: count}}, writes for each {"given": {RULES: [broken rules]}, "own":
//       ...}: with those words and sentences, and with our own
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <span>
#include <string>
#include <unordered_map>

#include <fmt/format.h>

#include "data/build.h"
#include "data/corpus/normalize.h"
#include "data/corpus/rule_set.h"
#include "data/corpus/sentences.h"
#include "data/corpus/signal_file.h"
#include "data/corpus/words.h"
#include "reka/base/json.h"
#include "reka/base/reader.h"

namespace {

using namespace reka;
using namespace reka::data;

void print_texts(std::span<char*> arguments) {
  const auto config = load_config<DataBuildConfig>(arguments[0]).config.data;
  for (const auto& [name, source] : config.sources) {
    if (std::ranges::find(arguments.subspan(2), name) == arguments.end()) continue;
    const auto reader = open_source(source, {name, arguments[1]});
    const auto print = [&](Document&& document) {
      std::string text;
      for (const auto& part : document.parts) {
        if (part.kind == Part::Kind::kText) text += normalize(part.text);
      }
      fmt::print("{}\n",
                 dump_json({{"id", document.id}, {"language", document.language}, {"text", text}}));
    };
    for (size_t unit = 0; unit < reader->num_units(); ++unit) {
      reader->read(unit, print, [](const Skipped&) {});
    }
  }
}

std::vector<float> signals_of(const Json& document, bool given) {
  const auto text = document.at("text").get<std::string>();
  const auto language = document.at("language").get<std::string>();
  const auto words = document.at("words").get<std::vector<std::string>>();
  SignalText measured{.text = text, .language = language, .count_sentences = count_sentences};
  std::unordered_map<std::string, int64_t> sentences;
  if (given) {
    measured.words.assign(words.begin(), words.end());
    for (const auto& [line, count] : document.at("sentences").items()) sentences[line] = count;
    measured.count_sentences = [&](std::string_view line) {
      return sentences.at(std::string(line));
    };
  } else {
    split_words(text, measured.words);
  }
  measured.set_lengths();
  return compute_signals(measured);
}

Json broken(const std::vector<std::pair<std::string, RuleSet>>& sets, const SignalGroup& group,
            size_t row) {
  Json names = Json::object();
  for (const auto& [file, rules] : sets) {
    auto& list = names[file] = Json::array();
    for (size_t rule = 0; rule < rules.size(); ++rule) {
      if (rules.breaks(rule, group, row)) list.push_back(rules.name(rule));
    }
  }
  return names;
}

void judge(std::span<char*> arguments) {
  SignalWriter writer(arguments[0]);
  std::vector<std::string> languages;
  for (std::string line; std::getline(std::cin, line);) {
    const auto document = parse_json(line, "stdin");
    const auto language = document.at("language").get<std::string>();
    auto known = std::ranges::find(languages, language);
    if (known == languages.end()) known = languages.insert(known, language);
    for (const bool given : {true, false}) {
      writer.add({.language = static_cast<uint16_t>(known - languages.begin()),
                  .signals = signals_of(document, given)});
    }
  }
  const auto file = writer.finish({"texts"}, languages, "none");
  std::vector<std::pair<std::string, RuleSet>> sets;
  for (const auto* path : arguments.subspan(1)) {
    const auto rules = load_config<RulesFile>(path).config.data.rules;
    sets.emplace_back(std::filesystem::path(path).stem().string(), RuleSet(rules, file));
  }
  for (const auto& group : file.groups()) {
    for (size_t row = 0; row < group.rows; row += 2) {
      fmt::print("{}\n", dump_json({{"given", broken(sets, group, row)},
                                    {"own", broken(sets, group, row + 1)}}));
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::span<char*> arguments(argv, static_cast<size_t>(argc));
  const std::string_view verb = arguments[1];
  if (verb == "texts") {
    print_texts(arguments.subspan(2));
  } else {
    judge(arguments.subspan(2));
  }
}
