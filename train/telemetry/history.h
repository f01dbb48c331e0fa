#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "reka/base/json.h"

namespace reka::train {

/// What the report shows of a run's log.jsonl, column by column, so that a long log is read once.
class History {
 public:
  /// The losses of one evaluation, as losses_to_json gives them.
  struct HeldOut {
    double step = 0;
    Json losses;
  };

  explicit History(std::filesystem::path log);

  /// Takes the lines that were added since the last call. Throws DataError for a damaged one.
  void follow();

  bool empty() const { return column("step").empty(); }
  /// [steps] of "step", "loss", "lr", "grad_norm", "tokens", "targets", "padding", "seconds",
  /// "data_seconds", "tokens_per_second", "memory_bytes" (in the units of their names; loss in nats
  /// per target), "peak_share", "cost_spread" or "cost_spread_in_turn"; NaN where a line has no
  /// such number.
  const std::vector<double>& column(std::string_view key) const;
  const std::vector<HeldOut>& held_out() const { return held_out_; }
  int64_t skipped() const { return skipped_; }  // steps that changed no weight

 private:
  void add(const Json& entry);

  std::filesystem::path log_;
  uint64_t read_ = 0;  // bytes
  std::map<std::string, std::vector<double>, std::less<>> columns_;
  std::vector<HeldOut> held_out_;
  int64_t skipped_ = 0;
};

/// Without the values that are not finite; 0 where there are none.
double sum_of(const std::vector<double>& values);
double median_of(std::vector<double> values);
double largest_of(const std::vector<double>& values);

/// Mean of the last `count` values.
double recent_mean(const std::vector<double>& values, size_t count);

/// The exponentially weighted mean of the values so far, each step weighing 1 - 2 / (window + 1) of
/// the one after it; NaN stays NaN and is passed over.
std::vector<double> smoothed(const std::vector<double>& values, double window);

}  // namespace reka::train
