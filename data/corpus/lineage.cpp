#include "data/corpus/lineage.h"

#include <algorithm>
#include <cmath>

#include "data/corpus/what_if.h"
#include "reka/base/error.h"

namespace reka::data {

Json PassedRule::to_json() const {
  Json json = {{"rule", name}, {"signal", signal}, {"value", value}};
  if (std::isfinite(bounds.min)) json["min"] = bounds.min;
  if (std::isfinite(bounds.max)) json["max"] = bounds.max;
  return json;
}

std::optional<Lineage> Lineage::open(const std::filesystem::path& folder) {
  if (!std::filesystem::exists(folder / kSignalsName)) return std::nullopt;
  return Lineage(folder);
}

Lineage::Lineage(const std::filesystem::path& folder)
    : path_(folder / kSignalsName),
      signals_(std::make_shared<const SignalFile>(path_)),
      rules_(std::make_shared<const RuleSet>(rules_of_build(folder), *signals_)) {
  for (const auto& group : signals_->groups()) {  // of one source after the other
    for (size_t row = 0; row < group.rows;) {
      const auto source = group.source[row];
      first_rows_.try_emplace(signals_->sources().at(source), group.first + row);
      row = static_cast<size_t>(std::ranges::upper_bound(group.source, source) -
                                group.source.begin());
    }
  }
}

std::vector<PassedRule> Lineage::rules(std::string_view source, uint64_t row,
                                       std::string_view document) const {
  const auto groups = signals_->groups();
  const auto first = first_rows_.find(source);
  row += first == first_rows_.end() ? signals_->num_rows() : first->second;
  const auto after = std::ranges::upper_bound(groups, row, {}, &SignalGroup::first);
  const auto in_group = after == groups.begin() ? 0 : row - std::prev(after)->first;
  if (after == groups.begin() || in_group >= std::prev(after)->rows ||
      std::prev(after)->id(in_group) != document) {
    throw DataError("{}: row {} is not of document {}: expected the file of the same build",
                    path_.string(), row, document);
  }
  const auto& group = *std::prev(after);
  std::vector<PassedRule> passed;
  for (size_t rule = 0; rule < rules_->size(); ++rule) {
    if (!rules_->judges(rule, group, in_group)) continue;
    const auto column = static_cast<size_t>(find_signal(rules_->signal(rule).name));
    passed.push_back({.name = rules_->name(rule),
                      .signal = versioned_name(rules_->signal(rule)),
                      .value = group.signals[column][in_group],
                      .bounds = rules_->bounds(rule, group.language[in_group])});
  }
  return passed;
}

}  // namespace reka::data
