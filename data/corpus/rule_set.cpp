#include "data/corpus/rule_set.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "data/corpus/kth_smallest.h"
#include "reka/base/error.h"

namespace reka::data {
namespace {

std::vector<bool> source_set(const RuleConfig& config, const std::string& name,
                             const SignalFile& signals) {
  std::vector<bool> set;
  if (config.sources.empty()) return set;
  set.resize(signals.sources().size());
  for (const auto& source : config.sources) {
    const auto found = std::ranges::find(signals.sources(), source);
    if (found == signals.sources().end()) {
      throw DataError("data.rules.{}.sources: {}: must be a source of the corpus{}", name, source,
                      did_you_mean(source, signals.sources()));
    }
    set[static_cast<size_t>(found - signals.sources().begin())] = true;
  }
  return set;
}

// "zh" is meant for "zh-Hant" too.
bool is_of(std::string_view language, std::string_view tag) {
  return language == tag ||
         (language.starts_with(tag) && language.substr(tag.size()).starts_with('-'));
}

RuleLimits limits_for(const RuleConfig& config, const std::string& language) {
  const RuleLimits* other = nullptr;
  for (const auto& [tag, limits] : config.per_language) {
    if (tag == language || (other == nullptr && is_of(language, tag))) other = &limits;
  }
  auto limits = config.limits;
  if (other == nullptr) return limits;
  if (other->min) limits.min = other->min;
  if (other->max) limits.max = other->max;
  if (other->min_percentile) limits.min_percentile = other->min_percentile;
  if (other->max_percentile) limits.max_percentile = other->max_percentile;
  return limits;
}

}  // namespace

RuleSet::RuleSet(const RuleTable& rules, const SignalFile& signals) {
  for (const auto& [name, config] : rules) {
    if (config.enabled) rules_.push_back(prepare(name, config, signals));
  }
}

RuleSet::Rule RuleSet::prepare(const std::string& name, const RuleConfig& config,
                               const SignalFile& signals) {
  Rule rule{.name = name,
            .column = static_cast<size_t>(find_signal(config.signal)),
            .is_of_media = is_media_signal(config.signal),
            .by_language = std::vector<Bounds>(signals.languages().size()),
            .sources = source_set(config, name, signals)};
  for (size_t n = 0; n < signals.languages().size(); ++n) {
    const auto& language = signals.languages()[n];
    const auto is_named = [&](const auto& tag) { return is_of(language, tag); };
    if (!config.languages.empty() && std::ranges::none_of(config.languages, is_named)) continue;
    const auto limits = limits_for(config, language);
    auto& bounds = rule.by_language[n];
    if (limits.min) bounds.min = static_cast<float>(*limits.min);
    if (limits.max) bounds.max = static_cast<float>(*limits.max);
    if (limits.min_percentile) {
      bounds.min = std::max(bounds.min, percentile(rule, n, *limits.min_percentile, signals));
    }
    if (limits.max_percentile) {
      bounds.max = std::min(bounds.max, percentile(rule, n, *limits.max_percentile, signals));
    }
  }
  return rule;
}

// The least value that at least so many percent of the judged documents do not exceed; not a number
// when there are none.
float RuleSet::percentile(const Rule& rule, size_t language, double percent,
                          const SignalFile& signals) {
  const auto for_each_value = [&](const auto& use) {
    for (const auto& group : signals.groups()) {
      const auto values = group.signals[rule.column];
      for (size_t row = 0; row < group.rows; ++row) {
        if (group.language[row] == language && !std::isnan(values[row]) &&
            judges(rule, group, row)) {
          use(values[row]);
        }
      }
    }
  };
  uint64_t count = 0;
  for_each_value([&](float) { ++count; });
  if (count == 0) return std::numeric_limits<float>::quiet_NaN();
  const auto place = std::ceil(percent / 100 * static_cast<double>(count));
  const uint64_t k = place < 1 ? 0 : static_cast<uint64_t>(place) - 1;
  return kth_smallest({k}, for_each_value)[0];
}

}  // namespace reka::data
