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

Findings& FindingsOfUnits::of(size_t unit) {
  const std::lock_guard lock(mutex_);
  return units_[unit];
}

Findings FindingsOfUnits::take(size_t unit) {
  const std::lock_guard lock(mutex_);
  return std::exchange(units_[unit], {});
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
