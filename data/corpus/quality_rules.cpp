#include "data/corpus/quality_rules.h"

#include <cmath>

#include <fmt/format.h>

#include "reka/base/quantity.h"

namespace reka::data {
namespace {

constexpr size_t kExamplesOfRule = 5;

std::string finding_of(const RuleSet& rules, size_t rule, const SignalGroup& group, size_t row) {
  const auto column = static_cast<size_t>(find_signal(rules.signal(rule).name));
  const auto value = group.signals[column][row];
  const auto bounds = rules.bounds(rule, group.language[row]);
  const bool is_less = value < bounds.min;
  return fmt::format("{:.4g} {} {:.4g}", value, is_less ? "<" : ">",
                     is_less ? bounds.min : bounds.max);
}

}  // namespace

void QualityRules::run(Selection& selection) {
  const auto& signals = *selection.corpus().signals;
  const RuleSet rules(config_, signals);
  for (size_t rule = 0; rule < rules.size(); ++rule) {
    found_.push_back({rules.name(rule), {.signal = versioned_name(rules.signal(rule))}});
  }
  for (const auto& group : signals.groups()) {
    for (size_t row = 0; row < group.rows; ++row) {
      bool dropped = !selection.keeps(group.first + row);
      for (size_t rule = 0; rule < rules.size(); ++rule) {
        if (!rules.breaks(rule, group, row)) continue;
        auto& found = found_[rule].second;
        ++found.broken;
        if (dropped) continue;
        dropped = true;
        ++found.documents;
        found.bytes += group.text_bytes[row];
        if (found.examples.size() < kExamplesOfRule) {
          found.examples.push_back({std::string(group.id(row)),
                                    signals.languages()[group.language[row]],
                                    finding_of(rules, rule, group, row)});
        }
        selection.drop(group.first + row, {.kind = Fate::Kind::kRule, .of = rules.name(rule)});
      }
    }
  }
}

Json QualityRules::json() const {
  if (found_.empty()) return nullptr;
  Json json = Json::object();
  for (const auto& [name, found] : found_) {
    Json examples = Json::array();
    for (const auto& example : found.examples) {
      examples.push_back(
          {{"id", example.id}, {"language", example.language}, {"finding", example.finding}});
    }
    json[name] = {{"signal", found.signal},
                  {"dropped", found.documents},
                  {"bytes", found.bytes},
                  {"broken", found.broken},
                  {"examples", examples}};
  }
  return json;
}

void QualityRules::show(Page& page) const {
  if (found_.empty()) return;
  page.heading("Rules");
  PageTable rules;
  rules.columns = {"rule", "signal", "documents dropped", "bytes", "documents that break it"};
  PageTable examples;
  examples.columns = {"rule", "language", "document", "finding"};
  for (const auto& [name, found] : found_) {
    rules.rows.push_back({name, found.signal, std::to_string(found.documents),
                          bytes_text(static_cast<double>(found.bytes)),
                          std::to_string(found.broken)});
    for (const auto& example : found.examples) {
      examples.rows.push_back({name, example.language, example.id, example.finding});
    }
  }
  page.table(rules);
  if (examples.rows.empty()) return;
  page.begin_details("Examples");
  page.table(examples);
  page.end_details();
}

}  // namespace reka::data
