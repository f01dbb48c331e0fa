#pragma once

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include "reka/blocks/init.h"

namespace reka {

/// ops::rms_norm with a weight [dim] that is fp32 in every precision; x [..., dim] -> same.
class RmsNormImpl : public torch::nn::Module, public KeepsFp32 {
 public:
  RmsNormImpl(int64_t dim, double eps);

  at::Tensor forward(const at::Tensor& x);

  at::Tensor weight;

 private:
  double eps_;
};
TORCH_MODULE(RmsNorm);

}  // namespace reka
