#pragma once

#include <string>
#include <vector>

namespace reka {

/// A scale of a chart with round ticks.
class Axis {
 public:
  /// Covers [low, high] (log: both > 0); `widen` moves the ends out to the next ticks.
  Axis(double low, double high, bool log, bool widen);

  double place(double value) const;  // 0 at the low end, 1 at the high end
  const std::vector<double>& ticks() const { return ticks_; }
  std::string text(double tick) const;

 private:
  void place_linear_ticks(bool widen);
  void place_log_ticks(bool widen);

  double low_, high_;
  bool log_;
  double step_ = 0;  // between linear ticks
  std::vector<double> ticks_;
};

}  // namespace reka
