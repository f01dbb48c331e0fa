#include "eval/statistics.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <stdexcept>

namespace reka::eval {
namespace {

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

}  // namespace

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

}  // namespace reka::eval
