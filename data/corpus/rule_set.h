#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "data/corpus/rules.h"
#include "data/corpus/signal_file.h"

namespace reka::data {

/// Rules made ready for one file of signals: percentiles are values, names are numbers.
class RuleSet {
 public:
  /// Throws DataError for a source that the file does not know.
  RuleSet(const RuleTable& rules, const SignalFile& signals);

  struct Bounds {
    float min = -std::numeric_limits<float>::infinity();
    float max = std::numeric_limits<float>::infinity();
  };

  size_t size() const { return rules_.size(); }
  const std::string& name(size_t rule) const { return rules_[rule].name; }
  const SignalColumn& signal(size_t rule) const { return signal_columns()[rules_[rule].column]; }

  bool breaks(size_t rule, const SignalGroup& group, size_t row) const {
    const auto& one = rules_[rule];
    const auto& bounds = one.by_language[group.language[row]];
    const auto value = group.signals[one.column][row];
    // A comparison with a signal that a document lacks is false.
    return (value < bounds.min || value > bounds.max) && judges(one, group, row);
  }
  /// Whether the rule looks at the document: it is of its sources, has a limit in its language and
  /// the signal.
  bool judges(size_t rule, const SignalGroup& group, size_t row) const {
    const auto& one = rules_[rule];
    const auto& bounds = one.by_language[group.language[row]];
    return (std::isfinite(bounds.min) || std::isfinite(bounds.max)) &&
           !std::isnan(group.signals[one.column][row]) && judges(one, group, row);
  }
  Bounds bounds(size_t rule, size_t language) const { return rules_[rule].by_language[language]; }

 private:
  struct Rule {
    std::string name;
    size_t column = 0;
    bool is_of_media = false;
    std::vector<Bounds> by_language;  // no bounds: a language that is not judged
    std::vector<bool> sources;        // empty: all, but of text alone
  };

  static bool judges(const Rule& rule, const SignalGroup& group, size_t row) {
    if (!rule.sources.empty()) return rule.sources[group.source[row]];
    return rule.is_of_media || group.kind[row] == 0;
  }
  static Rule prepare(const std::string& name, const RuleConfig& config, const SignalFile& signals);
  static float percentile(const Rule& rule, size_t language, double percent,
                          const SignalFile& signals);

  std::vector<Rule> rules_;
};

}  // namespace reka::data
