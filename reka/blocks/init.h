#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

namespace reka {

/// While alive, the modules that this thread builds are on `device`; with `fill` off their values
/// are left undefined, for a checkpoint to overwrite. On the meta device a model of any size costs
/// nothing, so that it can be counted and planned.
class BuildOn {
 public:
  explicit BuildOn(const at::Device& device, bool fill = true);
  ~BuildOn();
  BuildOn(const BuildOn&) = delete;
  BuildOn& operator=(const BuildOn&) = delete;

 private:
  at::Device outer_device_;
  bool outer_fill_;
};

/// New fp32 parameters on the device of BuildOn.
at::Tensor normal_weight(at::IntArrayRef sizes, double std);
at::Tensor constant_weight(at::IntArrayRef sizes, double value);

/// Standard deviation of the matrices that write into the residual stream: with 2 of them in each
/// layer its variance stays that of one. Radford et al. 2019 (GPT-2), section 2.3.
double residual_std(double std, int64_t num_layers);

/// A module whose parameters stay fp32 in a bf16 model: norms and gates.
class KeepsFp32 {
 public:
  virtual ~KeepsFp32() = default;
};

/// Converts every parameter to `dtype` but for those of KeepsFp32 modules. Modules are built in
/// fp32.
void to_precision(torch::nn::Module& module, at::ScalarType dtype);

int64_t count_parameters(const torch::nn::Module& module);

}  // namespace reka
