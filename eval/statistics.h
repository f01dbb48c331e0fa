#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace reka::eval {

enum class Interval : uint8_t { kBootstrap, kWilson };
std::string_view interval_name(Interval interval);  // "bootstrap", "Wilson"

/// A mean with its 95 % interval.
struct Estimate {
  double mean = 0;
  double low = 0;
  double high = 0;
  int64_t items = 0;
  int64_t groups = 0;
  Interval interval = Interval::kBootstrap;
};

/// Mean of `values` and its percentile interval by resampling whole groups with replacement
/// (cluster bootstrap: items of one group, such as skin tones of one emoji, are not independent).
/// `groups[i]` names the group of `values[i]`. The same seed gives the same interval.
/// Efron & Tibshirani 1993, ch. 13. With no values all fields are 0.
Estimate bootstrap_mean(const std::vector<double>& values, const std::vector<uint64_t>& groups,
                        int64_t resamples, uint64_t seed);

/// The same for values of 0 and 1. Resampling knows of nothing but what it was given: where there
/// are few groups, or all agree, its interval is too narrow or a point. There it is Wilson's score
/// interval, with a trial for each group. Wilson 1927, J. Am. Stat. Assoc. 22, 209.
Estimate bootstrap_share(const std::vector<double>& values, const std::vector<uint64_t>& groups,
                         int64_t resamples, uint64_t seed);

}  // namespace reka::eval
