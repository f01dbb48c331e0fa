#include "eval/statistics.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <stdexcept>

namespace reka::eval {
namespace {

constexpr int64_t kFewGroups = 10;
constexpr double kNormalQuantile = 1.959964;  // of 97.5 %

struct Group {
  double sum = 0;
  double count = 0;
};

std::vector<Group> collect_groups(const std::vector<double>& values,
                                  const std::vector<uint64_t>& groups) {
  std::map<uint64_t, Group> by_name;  // ordered, so that the draw does not depend on hashing
  for (size_t i = 0; i < values.size(); ++i) {
    auto& group = by_name[groups[i]];
    group.sum += values[i];
    group.count += 1;
  }
  std::vector<Group> collected;
  collected.reserve(by_name.size());
  for (const auto& [name, group] : by_name) collected.push_back(group);
  return collected;
}

// (p + z^2 / 2n +- z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n)
void set_wilson(Estimate& estimate) {
  const auto n = static_cast<double>(estimate.groups);
  const auto p = estimate.mean;
  const auto z = kNormalQuantile;
  const auto scale = 1 + z * z / n;
  const auto centre = (p + z * z / (2 * n)) / scale;
  const auto half = z * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / scale;
  estimate.low = std::max(0.0, centre - half);
  estimate.high = std::min(1.0, centre + half);
  estimate.interval = Interval::kWilson;
}

}  // namespace

std::string_view interval_name(Interval interval) {
  return interval == Interval::kWilson ? "Wilson" : "bootstrap";
}

Estimate bootstrap_mean(const std::vector<double>& values, const std::vector<uint64_t>& groups,
                        int64_t resamples, uint64_t seed) {
  if (values.size() != groups.size()) {
    throw std::invalid_argument("bootstrap_mean: every value needs a group");
  }
  Estimate estimate;
  if (values.empty()) return estimate;
  const auto collected = collect_groups(values, groups);
  double sum = 0;
  for (const auto value : values) sum += value;
  estimate.items = static_cast<int64_t>(values.size());
  estimate.groups = static_cast<int64_t>(collected.size());
  estimate.mean = sum / static_cast<double>(values.size());

  std::mt19937_64 random(seed);
  std::vector<double> means(static_cast<size_t>(resamples));
  for (auto& mean : means) {
    Group total;
    for (size_t draw = 0; draw < collected.size(); ++draw) {
      const auto& group = collected[random() % collected.size()];
      total.sum += group.sum;
      total.count += group.count;
    }
    mean = total.sum / total.count;
  }
  std::sort(means.begin(), means.end());
  const auto at = [&](double share) {
    return means[static_cast<size_t>(std::lround(share * static_cast<double>(means.size() - 1)))];
  };
  estimate.low = at(0.025);
  estimate.high = at(0.975);
  return estimate;
}

Estimate bootstrap_share(const std::vector<double>& values, const std::vector<uint64_t>& groups,
                         int64_t resamples, uint64_t seed) {
  auto estimate = bootstrap_mean(values, groups, resamples, seed);
  const bool certain = estimate.low == estimate.high;
  if (estimate.groups > 0 && (estimate.groups < kFewGroups || certain)) set_wilson(estimate);
  return estimate;
}

}  // namespace reka::eval
