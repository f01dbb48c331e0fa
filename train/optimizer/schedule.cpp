#include "train/optimizer/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace reka::train {
namespace {

double decayed(const ConstantConfig&, double, double) {
  return 1;
}

double decayed(const WsdConfig& config, double position, double horizon) {
  const auto decay = config.decay ? static_cast<double>(*config.decay) : horizon / 5;
  const auto left = std::clamp((horizon - position) / decay, 0.0, 1.0);
  return config.floor + (1 - config.floor) * left;
}

double decayed(const CosineConfig& config, double position, double horizon) {
  const auto warmup = static_cast<double>(config.warmup);
  const auto length = std::max(horizon - warmup, 1.0);
  const auto progress = std::clamp((position - warmup) / length, 0.0, 1.0);
  return config.floor + (1 - config.floor) * (1 + std::cos(std::numbers::pi * progress)) / 2;
}

}  // namespace

const Lengths& lengths(const ScheduleConfig& config) {
  return std::visit([](const auto& schedule) -> const Lengths& { return schedule; },
                    static_cast<const ScheduleConfig::variant&>(config));
}

double learning_rate_share(const ScheduleConfig& config, const Place& place, int64_t horizon) {
  const auto& common = lengths(config);
  const bool in_tokens = common.unit == "tokens";
  const auto position = static_cast<double>(in_tokens ? place.tokens : place.steps);
  const auto length = static_cast<double>(in_tokens ? place.step_tokens : 1);
  const auto warmup = static_cast<double>(common.warmup);
  const auto risen = warmup > 0 ? std::min(1.0, (position + length) / warmup) : 1.0;
  const auto end = static_cast<double>(common.horizon.value_or(horizon));
  return risen * std::visit([&](const auto& schedule) { return decayed(schedule, position, end); },
                            static_cast<const ScheduleConfig::variant&>(config));
}

bool reaches_highest(const ScheduleConfig& config, int64_t horizon) {
  const auto& common = lengths(config);
  const auto end = common.horizon.value_or(horizon);
  const auto* wsd = std::get_if<WsdConfig>(&config);
  const auto decay = wsd == nullptr ? 0 : wsd->decay.value_or(end / 5);
  return common.warmup + decay <= end;
}

}  // namespace reka::train
