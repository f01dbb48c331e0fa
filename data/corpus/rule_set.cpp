#include "data/corpus/rule_set.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <string_view>

#include "reka/base/error.h"

namespace reka::data {
namespace {

// Numbers that are ordered as the values are.
uint32_t order_of(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  return (bits & 0x80000000U) != 0 ? ~bits : bits | 0x80000000U;
}
float value_of_order(uint32_t order) {
  return std::bit_cast<float>((order & 0x80000000U) != 0 ? order & 0x7FFFFFFFU : ~order);
}

// In which bucket the k-th is; `k` becomes its place there.
uint32_t bucket_of(const std::vector<uint64_t>& counts, uint64_t& k) {
  uint32_t at = 0;
  while (k >= counts[at]) k -= counts[at++];
  return at;
}

// The k-th smallest of values that are gone through twice: by their upper 16 bits, then by the
// lower ones of those with the same upper. 512 kB, however many there are.
template <typename ForEach>
float kth_smallest(uint64_t k, const ForEach& for_each_value) {
  std::vector<uint64_t> counts(65536);
  for_each_value([&](float value) { ++counts[order_of(value) >> 16]; });
  const auto upper = bucket_of(counts, k);
  std::fill(counts.begin(), counts.end(), 0);
  for_each_value([&](float value) {
    const auto order = order_of(value);
    if (order >> 16 == upper) ++counts[order & 0xFFFF];
  });
  return value_of_order(upper << 16 | bucket_of(counts, k));
}

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
  for (const auto& [name, config] : rules) rules_.push_back(prepare(name, config, signals));
}

RuleSet::Rule RuleSet::prepare(const std::string& name, const RuleConfig& config,
                               const SignalFile& signals) {
  Rule rule{.name = name,
            .column = static_cast<size_t>(find_signal(config.signal)),
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
  return kth_smallest(place < 1 ? 0 : static_cast<uint64_t>(place) - 1, for_each_value);
}

}  // namespace reka::data
