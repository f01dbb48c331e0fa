#pragma once

#include <cstdint>
#include <vector>

namespace reka::eval {

/// A mean with its 95 % percentile interval.
struct Estimate {
  double mean = 0;
  double low = 0;
  double high = 0;
  int64_t items = 0;
  int64_t groups = 0;
};

/// Mean of `values` and its interval by resampling whole groups with replacement (cluster
/// bootstrap: items of one group, such as skin tones of one emoji, are not independent).
/// `groups[i]` names the group of `values[i]`. The same seed gives the same interval.
/// Efron & Tibshirani 1993, ch. 13. With no values all fields are 0.
Estimate bootstrap_mean(const std::vector<double>& values, const std::vector<uint64_t>& groups,
                        int64_t resamples, uint64_t seed);

}  // namespace reka::eval
