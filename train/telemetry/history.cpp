#include "train/telemetry/history.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "train/telemetry/step_log.h"

namespace reka::train {
namespace {

constexpr auto kColumns = {"step",         "loss",
                           "lr",           "grad_norm",
                           "tokens",       "targets",
                           "padding",      "seconds",
                           "data_seconds", "memory_bytes",
                           "peak_share",   "tokens_per_second",
                           "cost_spread",  "cost_spread_in_turn"};

std::vector<double> finite(std::vector<double> values) {
  std::erase_if(values, [](double value) { return !std::isfinite(value); });
  return values;
}

}  // namespace

History::History(std::filesystem::path log) : log_(std::move(log)) {
  for (const auto* key : kColumns) columns_[key];
}

void History::follow() {
  read_ = visit_step_log(log_, read_, [this](const Json& entry) { add(entry); });
}

void History::add(const Json& entry) {
  const auto step = json_value<double>(entry, "step", log_.string());
  for (auto& [key, values] : columns_) {
    const auto found = entry.find(key);  // a number that is not finite is written as null
    const bool given = found != entry.end() && found->is_number();
    values.push_back(given ? found->get<double>() : std::numeric_limits<double>::quiet_NaN());
  }
  skipped_ += entry.contains("skipped") ? 1 : 0;
  if (entry.contains("held_out")) held_out_.push_back({step, entry.at("held_out")});
}

const std::vector<double>& History::column(std::string_view key) const {
  return columns_.find(key)->second;
}

double sum_of(const std::vector<double>& values) {
  double sum = 0;
  for (const auto value : finite(values)) sum += value;
  return sum;
}

double median_of(std::vector<double> values) {
  values = finite(std::move(values));
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*std::max_element(values.begin(), middle) + *middle) / 2;
}

double largest_of(const std::vector<double>& values) {
  const auto known = finite(values);
  return known.empty() ? 0 : *std::max_element(known.begin(), known.end());
}

double recent_mean(const std::vector<double>& values, size_t count) {
  auto known = finite(values);
  if (known.size() > count) known.erase(known.begin(), known.end() - static_cast<long>(count));
  return known.empty() ? 0 : sum_of(known) / static_cast<double>(known.size());
}

std::vector<double> smoothed(const std::vector<double>& values, double window) {
  const auto keep = 1 - 2 / (window + 1);
  double sum = 0, weight = 0;
  std::vector<double> means;
  for (const auto value : values) {
    if (std::isfinite(value)) {
      sum = keep * sum + value;
      weight = keep * weight + 1;
    }
    means.push_back(std::isfinite(value) ? sum / weight : value);
  }
  return means;
}

}  // namespace reka::train
