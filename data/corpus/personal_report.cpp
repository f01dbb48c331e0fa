#include "data/corpus/personal_report.h"

#include "data/corpus/signal_file.h"

namespace reka::data {

void PersonalReport::run(Selection& selection) {
  const auto emails = static_cast<size_t>(find_signal("personal.emails"));
  const auto ips = static_cast<size_t>(find_signal("personal.ips"));
  const auto& signals = *selection.corpus().signals;
  for (const auto& group : signals.groups()) {
    for (size_t row = 0; row < group.rows; ++row) {
      const PersonalData found{.emails = static_cast<int64_t>(group.signals[emails][row]),
                               .ips = static_cast<int64_t>(group.signals[ips][row])};
      if (found.emails + found.ips == 0 || !selection.keeps(group.first + row)) continue;
      auto& counts = sources_[signals.sources()[group.source[row]]];
      ++counts.documents;
      counts.found.emails += found.emails;
      counts.found.ips += found.ips;
    }
  }
}

Json PersonalReport::json() const {
  if (sources_.empty()) return nullptr;
  Json sources = Json::object();
  for (const auto& [name, counts] : sources_) {
    sources[name] = {{"documents", counts.documents},
                     {"emails", counts.found.emails},
                     {"ips", counts.found.ips}};
  }
  return {{"replaced", replaced_}, {"sources", std::move(sources)}};
}

void PersonalReport::show(Page& page) const {
  if (sources_.empty()) return;
  page.heading("Personal data");
  page.note(replaced_ ? "Addresses in documents that are kept; each was replaced."
                      : "Addresses in documents that are kept, which stand there as they were: "
                        "data.personal_data = replace replaces them.");
  PageTable table;
  table.columns = {"source", "documents", "e-mail addresses", "IP addresses"};
  for (const auto& [name, counts] : sources_) {
    table.rows.push_back({name, std::to_string(counts.documents),
                          std::to_string(counts.found.emails), std::to_string(counts.found.ips)});
  }
  page.table(table);
}

}  // namespace reka::data
