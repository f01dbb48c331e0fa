#include "data/corpus/reader.h"

#include <optional>
#include <string_view>
#include <utility>

#include "reka/base/error.h"

namespace reka::data {

void Findings::add(const Findings& later) {
  for (const auto& [path, state] : later.opened) opened.emplace(path, state);
  for (const auto& [name, count] : later.counts) counts[name] += count;
}

void FindingsOfUnits::keep(size_t unit, Findings findings) {
  const std::lock_guard lock(mutex_);
  units_[unit] = std::move(findings);
}

Findings FindingsOfUnits::take(size_t unit) {
  const std::lock_guard lock(mutex_);
  auto found = units_.extract(unit);
  return found.empty() ? Findings() : std::move(found.mapped());
}

void emit_or_skip(const std::string& place, const std::function<Document()>& make,
                  const DocumentSink& emit, const SkipSink& skip) {
  std::optional<Document> document;
  try {
    document = make();
  } catch (const DataError& error) {
    std::string_view finding = error.what();
    if (finding.starts_with(place + ": ")) finding.remove_prefix(place.size() + 2);
    return skip({place, std::string(finding)});
  }
  emit(*std::move(document));
}

}  // namespace reka::data
