#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/corpus/signals.h"
#include "reka/base/config.h"
#include "reka/base/words.h"

namespace reka::data {

/// Between what a signal must be. A percentile is that of the documents of one language.
struct RuleLimits {
  std::optional<double> min, max;
  std::optional<double> min_percentile, max_percentile;

  void describe(auto& field) {
    field("min", min, "a document with less is dropped");
    field("max", max, "a document with more is dropped");
    field("min_percentile", min_percentile,
          "a document with less than this percentile of its language is dropped", between(0, 100));
    field("max_percentile", max_percentile,
          "a document with more than this percentile of its language is dropped", between(0, 100));
  }

  bool given() const { return min || max || min_percentile || max_percentile; }
};

/// One reason to drop documents. A document that has no such signal is not dropped by it.
struct RuleConfig {
  bool enabled = true;
  std::string signal;
  RuleLimits limits;
  std::vector<std::string> languages;
  std::vector<std::string> sources;
  Table<RuleLimits> per_language;

  void describe(auto& field) {
    field("enabled", enabled, "false: the rule judges nothing");
    field("signal", signal, "what is judged: a name that `reka data signals` lists", not_empty);
    limits.describe(field);
    field("languages", languages, "judges documents of these alone; empty: of all");
    field("sources", sources,
          "judges documents of these alone, with media and records too; empty: text of all "
          "sources, and for a signal of media all documents with media");
    field("per_language", per_language, "other limits for a language, over those of the rule");
    field.rule("signal", signal.empty() || find_signal(signal) >= 0,
               "must be the name of a signal" + did_you_mean(signal, signal_names()));
    field.rule(
        "signal", [this] { return has_limit(); }, "must have a limit: min, max, ...");
  }

  bool has_limit() const {
    for (const auto& [language, other] : per_language) {
      if (other.given()) return true;
    }
    return limits.given();
  }
};

/// Rules by name, in their order: a document is dropped by the first that it breaks.
using RuleTable = Table<RuleConfig>;

/// What stands beside the shards, so that other rules can be held against those of the build.
struct RulesFile {
  struct Data {
    RuleTable rules;
    void describe(auto& field) { field("rules", rules, "of the build"); }
  };
  Data data;
  void describe(auto& field) { field("data", data, "the corpus"); }
};

}  // namespace reka::data
