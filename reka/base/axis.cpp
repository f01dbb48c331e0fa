#include "reka/base/axis.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace reka {
namespace {

constexpr double kAboutTicks = 5;
constexpr int kMostTicks = 50;
constexpr double kSame = 1e-12;  // ends that differ relatively by no more are one value: rounding

/// 1, 2 or 5 times a power of ten, near `value`.
double round_step(double value) {
  const auto power = std::pow(10.0, std::floor(std::log10(value)));
  const auto digit = value / power;
  return power * (digit < 1.5 ? 1 : digit < 3.5 ? 2 : digit < 7.5 ? 5 : 10);
}

}  // namespace

Axis::Axis(double low, double high, bool log, bool widen) : low_(low), high_(high), log_(log) {
  // One value: some room around it. Steps of a last digit would never add up to an end.
  if (high_ - low_ <= kSame * std::max(std::abs(low_), std::abs(high_))) {
    const auto room = log ? 1 : low_ == 0 ? 1 : std::abs(low_) * 0.1;
    low_ = log ? low_ / 2 : low_ - room;
    high_ = log ? high_ * 2 : high_ + room;
  }
  if (log_)
    place_log_ticks(widen);
  else
    place_linear_ticks(widen);
}

void Axis::place_linear_ticks(bool widen) {
  step_ = round_step((high_ - low_) / kAboutTicks);
  if (widen) {
    low_ = std::floor(low_ / step_ + 1e-9) * step_;
    high_ = std::ceil(high_ / step_ - 1e-9) * step_;
  }
  const auto first = std::ceil(low_ / step_ - 1e-9);
  const auto last = std::floor(high_ / step_ + 1e-9);
  for (int n = 0; n < kMostTicks && first + n <= last; ++n) ticks_.push_back((first + n) * step_);
}

void Axis::place_log_ticks(bool widen) {
  const auto decades = std::log10(high_ / low_);
  if (decades < 0.7) {  // hardly a factor of five: round numbers say more than 1, 2, 5
    place_linear_ticks(false);
    return;
  }
  const std::vector<double> digits = decades < 3 ? std::vector<double>{1, 2, 5} : std::vector{1.0};
  if (widen && decades >= 3) {
    low_ = std::pow(10.0, std::floor(std::log10(low_) + 1e-9));
    high_ = std::pow(10.0, std::ceil(std::log10(high_) - 1e-9));
  }
  const auto every = std::max(1.0, std::ceil(decades / 8));
  for (auto power = std::floor(std::log10(low_) + 1e-9); power <= std::log10(high_) + 1e-9;
       power += every) {
    for (const auto digit : digits) {
      const auto tick = digit * std::pow(10.0, power);
      if (tick >= low_ * (1 - 1e-9) && tick <= high_ * (1 + 1e-9)) ticks_.push_back(tick);
    }
  }
}

double Axis::place(double value) const {
  if (log_) return std::log(value / low_) / std::log(high_ / low_);
  return (value - low_) / (high_ - low_);
}

std::string Axis::text(double tick) const {
  const auto size = std::max(std::abs(low_), std::abs(high_));
  if (step_ == 0) {
    if (tick >= 1e9) return fmt::format("{:g}B", tick / 1e9);
    if (tick >= 1e6) return fmt::format("{:g}M", tick / 1e6);
    if (tick >= 1e4) return fmt::format("{:g}k", tick / 1e3);
    return fmt::format("{:g}", tick);
  }
  if (std::abs(tick) < step_ / 2) return "0";  // also where rounding left a rest
  if (size < 1e-3) return fmt::format("{:.3g}", tick);
  struct Unit {
    double scale;
    const char* name;
  };
  const Unit unit = size >= 1e12  ? Unit{1e12, "T"}
                    : size >= 1e9 ? Unit{1e9, "B"}
                    : size >= 1e6 ? Unit{1e6, "M"}
                    : size >= 1e4 ? Unit{1e3, "k"}
                                  : Unit{1, ""};
  const auto decimals = std::max(0.0, std::ceil(-std::log10(step_ / unit.scale) - 1e-9));
  return fmt::format("{:.{}f}{}", tick / unit.scale, static_cast<int>(decimals), unit.name);
}

}  // namespace reka
