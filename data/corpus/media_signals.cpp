#include "data/corpus/media_signals.h"

#include <array>
#include <cmath>

#include <fmt/format.h>

#include "data/corpus/kth_smallest.h"
#include "data/corpus/signal_file.h"

namespace reka::data {
namespace {

constexpr std::array<double, 7> kPercentiles = {0, 1, 10, 50, 90, 99, 100};

std::string number_of(float value) {
  return std::isfinite(value) ? fmt::format("{:.4g}", value) : "-inf";
}

}  // namespace

void MediaSignals::run(Selection& selection) {
  const auto columns = signal_columns();
  for (size_t column = 0; column < columns.size(); ++column) {
    if (!is_media_signal(columns[column].name)) continue;
    const auto for_each_value = [&](const auto& use) {
      for (const auto& group : selection.corpus().signals->groups()) {
        for (const auto value : group.signals[column]) {
          if (!std::isnan(value)) use(value);
        }
      }
    };
    Spread spread{.column = columns[column]};
    for_each_value([&](float) { ++spread.documents; });
    if (spread.documents == 0) continue;
    std::vector<uint64_t> places;
    for (const auto percent : kPercentiles) {
      const auto place = percent / 100 * static_cast<double>(spread.documents - 1);
      places.push_back(static_cast<uint64_t>(std::llround(place)));
    }
    spread.percentiles = kth_smallest(places, for_each_value);
    spreads_.push_back(std::move(spread));
  }
}

Json MediaSignals::json() const {
  if (spreads_.empty()) return nullptr;
  Json signals = Json::object();
  for (const auto& spread : spreads_) {
    Json percentiles = Json::object();
    for (size_t n = 0; n < kPercentiles.size(); ++n) {
      const auto value = spread.percentiles[n];
      percentiles[fmt::format("{:g}", kPercentiles[n])] =
          std::isfinite(value) ? Json(value) : Json(nullptr);
    }
    signals[std::string(spread.column.name)] = {{"version", spread.column.version},
                                                {"meaning", spread.column.meaning},
                                                {"documents", spread.documents},
                                                {"percentiles", std::move(percentiles)}};
  }
  return signals;
}

void MediaSignals::show(Page& page) const {
  if (spreads_.empty()) return;
  PageTable table;
  table.columns = {"signal", "documents"};
  for (const auto percent : kPercentiles) table.columns.push_back(fmt::format("{:g} %", percent));
  table.columns.emplace_back("meaning");
  for (const auto& spread : spreads_) {
    std::vector<std::string> cells = {std::string(spread.column.name),
                                      std::to_string(spread.documents)};
    for (const auto value : spread.percentiles) cells.push_back(number_of(value));
    cells.emplace_back(spread.column.meaning);
    table.rows.push_back(std::move(cells));
  }
  page.heading("Media");
  page.table(table);
}

}  // namespace reka::data
