#include "data/batch/mixture.h"

#include <algorithm>
#include <numeric>

#include "reka/base/error.h"

namespace reka::data {
namespace {

constexpr int64_t kLongestCycle = 1'000'000;

}  // namespace

Mixture::Mixture(std::vector<int64_t> weights) : weights_(std::move(weights)) {
  int64_t divisor = 0;
  for (const auto weight : weights_) divisor = std::gcd(divisor, weight);
  if (divisor == 0) throw ConfigError("weights of the sources: all 0: expected one above 0");
  for (auto& weight : weights_) {
    weight /= divisor;
    if (weight > kLongestCycle)  // before sums overflow
      throw ConfigError("weight of a source: {} after division by {}: expected at most {}", weight,
                        divisor, kLongestCycle);
  }
  const auto length = std::accumulate(weights_.begin(), weights_.end(), int64_t{0});
  if (length > kLongestCycle)
    throw ConfigError("weights of the sources: sum {} after division by {}: expected at most {}",
                      length, divisor, kLongestCycle);
  std::vector<int64_t> done(weights_.size(), 0);
  slots_.resize(weights_.size());
  for (int64_t slot = 0; slot < length; ++slot) {
    size_t best = weights_.size();
    int64_t best_deadline = 0;
    for (size_t i = 0; i < weights_.size(); ++i) {
      const auto weight = weights_[i];
      if (weight == 0 || done[i] == weight || done[i] * length / weight > slot) continue;
      const auto deadline = ((done[i] + 1) * length + weight - 1) / weight;
      if (best == weights_.size() || deadline < best_deadline) {
        best = i;
        best_deadline = deadline;
      }
    }
    cycle_.push_back(static_cast<uint32_t>(best));
    rank_.push_back(static_cast<uint32_t>(done[best]++));
    slots_[best].push_back(static_cast<uint32_t>(slot));
  }
}

Mixture::Place Mixture::locate(int64_t row) const {
  const auto length = static_cast<int64_t>(cycle_.size());
  const auto slot = static_cast<size_t>(row % length);
  const auto source = cycle_[slot];
  return {source, row / length * weights_[source] + rank_[slot]};
}

int64_t Mixture::count(size_t source, int64_t rows) const {
  const auto length = static_cast<int64_t>(cycle_.size());
  const auto part = std::count(cycle_.begin(), cycle_.begin() + rows % length, source);
  return rows / length * weights_[source] + part;
}

int64_t Mixture::row_of(size_t source, int64_t index) const {
  const auto weight = weights_[source];
  return index / weight * static_cast<int64_t>(cycle_.size()) +
         slots_[source][static_cast<size_t>(index % weight)];
}

}  // namespace reka::data
