#include "train/optimizer/adamw.h"

#include <cmath>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include "train/optimizer/kernels.h"

namespace reka::train {
namespace {

constexpr int64_t kGrain = 65536;

void update_on_cpu(const kernels::AdamW& step, ParameterGroup& group) {
  kernels::AdamWArrays arrays = {.weight = group.weight.mutable_data_ptr<float>(),
                                 .first_moment = group.first_moment.mutable_data_ptr<float>(),
                                 .second_moment = group.second_moment.mutable_data_ptr<float>(),
                                 .gradient = group.gradient.mutable_data_ptr<float>()};
  if (group.copy.defined()) {
    arrays.copy = reinterpret_cast<uint16_t*>(group.copy.mutable_data_ptr<at::BFloat16>());
  }
  at::parallel_for(0, group.elements(), kGrain,
                   [&](int64_t begin, int64_t end) { kernels::update(step, arrays, begin, end); });
}

void update_on_device(const AdamWConfig& config, const kernels::AdamW& step, int64_t updates,
                      ParameterGroup& group) {
  group.gradient.mul_(step.scale);
  const std::vector<at::Tensor> steps = {
      at::full({}, static_cast<double>(updates), group.weight.options())};
  at::_fused_adamw_({group.weight}, {group.gradient}, {group.first_moment}, {group.second_moment},
                    /*max_exp_avg_sqs=*/{}, steps, step.lr, config.beta1, config.beta2, step.decay,
                    config.eps, /*amsgrad=*/false, /*maximize=*/false);
  if (group.copy.defined()) group.copy.copy_(group.weight);
  group.gradient.zero_();
}

}  // namespace

AdamW::AdamW(const AdamWConfig& config, FlatParameters& parameters)
    : config_(config), parameters_(parameters) {}

void AdamW::step(double lr, double gradient_scale) {
  const at::NoGradGuard no_grad;
  ++updates_;
  const auto t = static_cast<double>(updates_);
  kernels::AdamW step = {.lr = static_cast<float>(lr),
                         .beta1 = static_cast<float>(config_.beta1),
                         .beta2 = static_cast<float>(config_.beta2),
                         .eps = static_cast<float>(config_.eps),
                         .correction1 = static_cast<float>(1 - std::pow(config_.beta1, t)),
                         .correction2 = static_cast<float>(1 - std::pow(config_.beta2, t)),
                         .scale = static_cast<float>(gradient_scale)};
  for (auto& group : parameters_.groups()) {
    step.decay = static_cast<float>(group.decay ? config_.weight_decay : 0);
    if (group.weight.is_cpu()) {
      update_on_cpu(step, group);
    } else {
      update_on_device(config_, step, updates_, group);
    }
  }
}

}  // namespace reka::train
