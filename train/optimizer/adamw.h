#pragma once

#include <cstdint>

#include "reka/base/config.h"
#include "train/optimizer/parameters.h"

namespace reka::train {

struct AdamWConfig {
  static constexpr auto kName = "adamw";
  double lr = 1e-3;
  double beta1 = 0.9;
  double beta2 = 0.95;
  double eps = 1e-8;
  double weight_decay = 0.1;

  void describe(auto& field) {
    const auto below_one = Limit{"in [0, 1)", [](auto value) { return value >= 0 && value < 1; }};
    field("lr", lr, "learning rate at the top of the schedule", positive);
    field("beta1", beta1, "decay of the mean of gradients", below_one);
    field("beta2", beta2, "decay of the mean of squared gradients", below_one);
    field("eps", eps, "added to the root of the mean square", at_least(1e-30));
    field("weight_decay", weight_decay, "pulls matrices to zero, times the learning rate",
          between(0, 1000));
  }
};

/// Decoupled weight decay: Loshchilov & Hutter 2019, arXiv:1711.05101; the formula stands in
/// kernels.h. One pass over the flat buffers also rewrites the bfloat16 copy and zeroes gradients.
class AdamW {
 public:
  AdamW(const AdamWConfig& config, FlatParameters& parameters);

  /// `lr` is that of this step, `gradient_scale` multiplies every gradient (1 / count, clipping).
  void step(double lr, double gradient_scale);

  int64_t updates() const { return updates_; }  // for bias correction; saved with the checkpoint
  void set_updates(int64_t updates) { updates_ = updates; }

 private:
  AdamWConfig config_;
  FlatParameters& parameters_;
  int64_t updates_ = 0;
};

}  // namespace reka::train
