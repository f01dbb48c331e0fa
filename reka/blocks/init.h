#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

namespace reka {

/// Where and how the modules of a thread are built; without `fill` their values are left undefined,
/// for a checkpoint to overwrite. On the meta device a model of any size costs nothing, so that it
/// can be counted and planned.
struct BuildPlace {
  at::Device device = at::kCPU;
  at::ScalarType precision = at::kFloat;  // of all modules but KeepsFp32
  bool fill = true;
};

/// The place of this thread's modules while it is alive.
class BuildOn {
 public:
  explicit BuildOn(const BuildPlace& place);
  ~BuildOn();
  BuildOn(const BuildOn&) = delete;
  BuildOn& operator=(const BuildOn&) = delete;

 private:
  BuildPlace outer_;
};

/// New parameters at the place of BuildOn; random ones are drawn in fp32 and then rounded.
at::Tensor normal_weight(at::IntArrayRef sizes, double std);
at::Tensor constant_weight(at::IntArrayRef sizes, double value);
/// For KeepsFp32 modules.
at::Tensor fp32_weight(at::IntArrayRef sizes, double value);

/// Standard deviation of the matrices that write into the residual stream: with 2 of them in each
/// layer its variance stays that of one. Radford et al. 2019 (GPT-2), section 2.3.
double residual_std(double std, int64_t num_layers);

/// A module whose parameters stay fp32 in a bf16 model: norms and gates.
class KeepsFp32 {
 public:
  virtual ~KeepsFp32() = default;
};

/// Converts every parameter to `dtype` but for those of KeepsFp32 modules.
void to_precision(torch::nn::Module& module, at::ScalarType dtype);

int64_t count_parameters(const torch::nn::Module& module);

}  // namespace reka
