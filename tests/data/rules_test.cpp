#include "data/corpus/rules.h"

#include <cmath>

#include "data/corpus/rule_set.h"
#include "data/corpus/signal_file.h"
#include "data/corpus/what_if.h"
#include "data/corpus_config.h"
#include "reka/base/error.h"
#include "reka/base/files.h"
#include "reka/base/reader.h"
#include "tests/support/catch.h"
#include "tests/support/message.h"
#include "tests/support/temp_folder.h"

namespace reka::data {
namespace {

using testing::TempFolder;

const auto kWords = static_cast<size_t>(find_signal("gopher.words"));
const auto kHashes = static_cast<size_t>(find_signal("gopher.hash_ratio"));

SignalRow row_of(const std::string& id, uint16_t source, uint16_t language, float words) {
  SignalRow row{.id = id, .text_bytes = 10, .source = source, .language = language};
  row.signals.assign(signal_columns().size(), kNoSignal);
  row.signals[kWords] = words;
  return row;
}

// Documents 0 ... 99 of two sources and two languages, with as many words as their number.
SignalFile some_signals(const TempFolder& folder, int count = 100) {
  SignalWriter writer(folder.path());
  for (int n = 0; n < count; ++n) {
    writer.add(row_of(fmt::format("doc/{}", n), static_cast<uint16_t>(n % 2),
                      static_cast<uint16_t>(n < count / 2 ? 0 : 1), static_cast<float>(n)));
  }
  return writer.finish({"web", "books"}, {"en", "de"}, "cld2");
}

RuleTable rules_of(const std::string& yaml) {
  return load_config_text<RulesFile>("data:\n  rules:\n" + yaml, "rules.yaml").config.data.rules;
}

int64_t dropped(const RuleCounts& counts, const std::string& name) {
  for (const auto& rule : counts.rules) {
    if (rule.name == name) return rule.dropped.documents;
  }
  return -1;
}

}  // namespace

TEST_CASE("signal file: rows come back as they were, over several groups", "[data][rules]") {
  const TempFolder folder;
  const auto file = some_signals(folder, 70000);
  CHECK(file.num_rows() == 70000);
  REQUIRE(file.groups().size() == 2);
  const auto& last = file.groups()[1];
  CHECK(last.first == 65536);
  const auto row = last.rows - 1;
  CHECK(last.id(row) == "doc/69999");
  CHECK(last.signals[kWords][row] == 69999);
  CHECK(std::isnan(last.signals[kHashes][row]));
  CHECK(file.languages()[last.language[row]] == "de");
  CHECK(file.sources()[last.source[row]] == "books");
  CHECK(last.text_bytes[row] == 10);
}

TEST_CASE("signal file: a flipped bit or a cut anywhere is told by the file's name",
          "[data][rules]") {
  const TempFolder folder;
  const auto good = some_signals(folder, 20);
  const auto path = folder.path() / "signals.bin";
  write_file_atomic(path, good.bytes());
  CHECK(SignalFile(path).num_rows() == 20);
  const auto bytes = read_file(path);
  for (size_t at = 0; at < bytes.size(); at += 97) {
    auto flipped = bytes;
    flipped[at] = static_cast<char>(flipped[at] ^ 4);
    write_file_atomic(path, flipped);
    CHECK_THROWS_AS(SignalFile(path), DataError);
    write_file_atomic(path, std::string_view(bytes).substr(0, at));
    CHECK_THROWS_AS(SignalFile(path), DataError);
  }
}

TEST_CASE("rules: the first that a document breaks drops it", "[data][rules]") {
  const TempFolder folder;
  const auto file = some_signals(folder);
  const auto counts = count_by_rules(rules_of("    few: {signal: gopher.words, min: 10}\n"
                                              "    odd: {signal: gopher.words, min: 20, max: 89}\n"
                                              "    none: {signal: gopher.hash_ratio, max: 0}\n"),
                                     file);
  CHECK(counts.read.documents == 100);
  CHECK(counts.read.bytes == 1000);
  CHECK(dropped(counts, "few") == 10);
  CHECK(dropped(counts, "odd") == 20);
  CHECK(dropped(counts, "none") == 0);  // no document has that signal
  CHECK(counts.rules[0].alone.documents == 0);
  CHECK(counts.rules[1].alone.documents == 20);
  CHECK(counts.kept.documents == 70);
  CHECK(counts.languages.at("de").kept.documents == 40);
}

TEST_CASE("rules: languages, sources and other limits for a language", "[data][rules]") {
  const TempFolder folder;
  const auto file = some_signals(folder);
  const auto kept = [&](const std::string& rule) {
    return count_by_rules(rules_of("    rule: {signal: gopher.words, " + rule + "}\n"), file)
        .kept.documents;
  };
  CHECK(kept("max: 9") == 10);
  CHECK(kept("max: 9, languages: [en]") == 60);
  CHECK(kept("max: 9, languages: [fr]") == 100);
  CHECK(kept("max: 9, sources: [web]") == 55);
  CHECK(kept("max: 9, per_language: {de: {max: 59}}") == 20);
  CHECK(kept("per_language: {de: {min: 60}}") == 90);
  CHECK(kept("per_language: {d: {min: 60}}") == 100);
  CHECK(kept("max_percentile: 90") == 90);  // 45 of each language
  CHECK(kept("min_percentile: 10") == 92);  // the value at 10 % is the fifth, four are below
  CHECK(kept("max_percentile: 0") == 2);
  CHECK(kept("max_percentile: 100") == 100);
  CHECK(kept("max_percentile: 90, max: 20") == 21);
}

TEST_CASE("rules: media and records are judged by rules that name their source alone",
          "[data][rules]") {
  const TempFolder folder;
  SignalWriter writer(folder.path());
  for (const uint8_t kind : {0, 1, 2}) {
    auto row = row_of("a", 0, 0, 1);
    row.kind = kind;
    writer.add(row);
  }
  const auto file = writer.finish({"web"}, {"en"}, "cld2");
  CHECK(
      count_by_rules(rules_of("    few: {signal: gopher.words, min: 10}\n"), file).kept.documents ==
      2);
  CHECK(count_by_rules(rules_of("    few: {signal: gopher.words, min: 10, sources: [web]}\n"), file)
            .kept.documents == 0);
}

TEST_CASE("rules: mistakes are told with what was meant", "[data][rules]") {
  const auto message = [](const std::string& rule) {
    return testing::message_of<ConfigError>([&] { rules_of("    a: {" + rule + "}\n"); });
  };
  CHECK(message("signal: gopher.word, min: 3").find("did you mean \"gopher.words\"?") !=
        std::string::npos);
  CHECK(message("signal: gopher.words").find("must have a limit") != std::string::npos);
  CHECK(message("signal: gopher.words, max_percentile: 101").find("in [0, 100]") !=
        std::string::npos);
  const TempFolder folder;
  const auto file = some_signals(folder);
  const auto rules = rules_of("    a: {signal: gopher.words, min: 1, sources: [wep]}\n");
  CHECK(testing::message_of<DataError>([&] {
          count_by_rules(rules, file);
        }).find("did you mean \"web\"?") != std::string::npos);
}

TEST_CASE("rules: the presets are read, and FineWeb-2 knows its languages", "[data][rules]") {
  for (const auto* name : {"gopher", "c4", "fineweb", "fineweb2"}) {
    INFO(name);
    const auto path = fmt::format("{}/configs/data/rules/{}.yaml", REKA_SOURCE_DIR, name);
    const auto rules = load_config<RulesFile>(path).config.data.rules;
    CHECK(rules.size() >= 3);
    if (std::string_view(name) == "fineweb") CHECK(rules.size() == 27);
    if (std::string_view(name) == "fineweb2") CHECK(rules[0].second.per_language.size() == 34);
  }
}

TEST_CASE("rules: one over a signal of media judges all documents that have it", "[data][rules]") {
  const TempFolder folder;
  const auto side = static_cast<size_t>(find_signal("media.side"));
  SignalWriter writer(folder.path());
  for (int n = 0; n < 10; ++n) {
    auto row = row_of(fmt::format("{}", n), 0, 0, 1);
    if (n >= 4) row.kind = SignalRow::kHasMedia;
    if (n == 9) row.kind |= SignalRow::kWhole;
    if (n >= 4) row.signals[side] = static_cast<float>(10 * n);
    writer.add(std::move(row));
  }
  const auto signals = writer.finish({"web"}, {"en"}, "cld2");
  const auto counts = count_by_rules(rules_of("    small: {signal: media.side, min: 55}\n"
                                              "    large: {signal: media.side, max: 85}\n"
                                              "    wordy: {signal: gopher.words, max: 0}\n"),
                                     signals);
  CHECK(dropped(counts, "small") == 2);
  CHECK(dropped(counts, "large") == 1);
  CHECK(dropped(counts, "wordy") == 4);  // text alone
}

TEST_CASE("rules: a corpus knows the sources that a rule names", "[data][rules]") {
  const auto load = [](const std::string& source) {
    return load_config_text<DataBuildConfig>(
        "data:\n  folder: shards\n  sources:\n    web: {reader: {type: text, path: a}}\n"
        "  rules:\n    short: {signal: text.characters, min: 5, sources: [" +
            source + "]}\n",
        "corpus.yaml");
  };
  CHECK(load("web").config.data.rules[0].second.sources == std::vector<std::string>{"web"});
  CHECK_THAT(testing::message_of<ConfigError>([&] { load("wed"); }),
             Catch::Contains("data.rules.short.sources: must be names of data.sources: there is no "
                             "wed"));
}

TEST_CASE("rules: which signals need media to be decoded", "[data][rules]") {
  CorpusConfig config;
  CHECK_FALSE(config.preparation().measure_media);
  config.rules = {{"small", {.signal = "media.side", .limits = {.min = 10}}}};
  CHECK_FALSE(config.preparation().measure_media);
  config.rules.push_back({"blurred", {.signal = "media.blur", .limits = {.min = 10}}});
  CHECK(config.preparation().measure_media);
  config.rules.clear();
  config.media_duplicates = MediaDuplicateConfig{};
  CHECK(config.preparation().measure_media);
}

}  // namespace reka::data
