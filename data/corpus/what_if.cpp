#include "data/corpus/what_if.h"

#include "data/corpus/rule_set.h"
#include "reka/base/error.h"
#include "reka/base/reader.h"

namespace reka::data {

RuleCounts count_by_rules(const RuleTable& rules, const SignalFile& signals) {
  const RuleSet set(rules, signals);
  RuleCounts counts;
  for (size_t rule = 0; rule < set.size(); ++rule) counts.rules.push_back({.name = set.name(rule)});
  std::vector<RuleCounts::OfLanguage> languages(signals.languages().size());
  for (const auto& group : signals.groups()) {
    for (size_t row = 0; row < group.rows; ++row) {
      const auto bytes = group.text_bytes[row];
      auto& language = languages[group.language[row]];
      counts.read.add(bytes);
      language.read.add(bytes);
      size_t first = set.size(), broken = 0;
      for (size_t rule = 0; rule < set.size() && broken < 2; ++rule) {
        if (!set.breaks(rule, group, row)) continue;
        if (broken++ == 0) first = rule;
      }
      if (broken == 0) {
        counts.kept.add(bytes);
        language.kept.add(bytes);
      } else {
        counts.rules[first].dropped.add(bytes);
        if (broken == 1) counts.rules[first].alone.add(bytes);
      }
    }
  }
  for (size_t n = 0; n < languages.size(); ++n) {
    if (languages[n].read.documents > 0) counts.languages[signals.languages()[n]] = languages[n];
  }
  return counts;
}

RuleTable rules_of_build(const std::filesystem::path& folder) {
  const auto path = folder / kRulesName;
  if (!std::filesystem::exists(path)) {
    throw DataError("{}: missing: must be there; build the corpus again", path.string());
  }
  return load_config<RulesFile>(path).config.data.rules;
}

}  // namespace reka::data
