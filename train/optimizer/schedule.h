#pragma once

#include <cstdint>
#include <optional>

#include "reka/base/config.h"

namespace reka::train {

/// What all schedules share. Lengths count in `unit`; the horizon is where the schedule ends, which
/// need not be where the run stops: a run that stops early may go on later with nothing changed.
struct Lengths {
  Choice unit{"steps", {"steps", "tokens"}};
  int64_t warmup = 0;
  std::optional<int64_t> horizon;

  void describe_lengths(auto& field) {
    field("unit", unit, "what the lengths below count");
    field("warmup", warmup, "the learning rate grows linearly from zero over this", not_negative);
    field("horizon", horizon, "where the schedule ends; default: where training stops", positive);
    field.rule("horizon", !horizon || *horizon > warmup, "must be greater than schedule.warmup");
  }
};

struct ConstantConfig : Lengths {
  static constexpr auto kName = "constant";

  void describe(auto& field) { describe_lengths(field); }
};

/// Warm-up, stable, linear decay (Hu et al. 2024, arXiv:2404.06395).
struct WsdConfig : Lengths {
  static constexpr auto kName = "wsd";
  std::optional<int64_t> decay;
  double floor = 0;

  void describe(auto& field) {
    describe_lengths(field);
    field("decay", decay, "length of the linear decay before the horizon; default: a fifth of it",
          positive);
    field("floor", floor, "learning rate at the horizon, as a share of the highest", fraction);
  }
};

/// Loshchilov & Hutter 2017, arXiv:1608.03983, one period.
struct CosineConfig : Lengths {
  static constexpr auto kName = "cosine";
  double floor = 0.1;

  void describe(auto& field) {
    describe_lengths(field);
    field("floor", floor, "learning rate at the horizon, as a share of the highest", fraction);
  }
};

using ScheduleConfig = OneOf<WsdConfig, CosineConfig, ConstantConfig>;

/// A place in the run: what lies before a step, and what it will have added.
struct Place {
  int64_t steps = 0;   // done before this step
  int64_t tokens = 0;  // seen before this step
  int64_t step_tokens = 0;
};

/// The share of the highest learning rate at a place; a pure function. `horizon` is the one used
/// where the config names none, in its unit.
///   warm-up:  (position + length of the step) / warmup, at most 1
///   wsd:      1 until horizon - decay, then linear to floor at the horizon
///   cosine:   floor + (1 - floor) (1 + cos(pi progress)) / 2, progress from warm-up to horizon
double learning_rate_share(const ScheduleConfig& config, const Place& place, int64_t horizon);

/// Whether warm-up and decay fit before the horizon; else no step has the highest learning rate.
bool reaches_highest(const ScheduleConfig& config, int64_t horizon);

/// The config's lengths, whichever schedule it is.
const Lengths& lengths(const ScheduleConfig& config);

}  // namespace reka::train
