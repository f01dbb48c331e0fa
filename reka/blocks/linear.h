#pragma once

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

namespace reka {

struct LinearOptions {
  bool bias = false;
  double init_std = 0.02;
};

/// y = x weight^T (+ bias), weight [out, in]; x [..., in] of the weight's dtype -> [..., out].
class LinearImpl : public torch::nn::Module {
 public:
  LinearImpl(int64_t in, int64_t out, LinearOptions options = {});

  at::Tensor forward(const at::Tensor& x);

  at::Tensor weight;
  at::Tensor bias;  // undefined without
};
TORCH_MODULE(Linear);

}  // namespace reka
