#pragma once

#include <string_view>

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include "reka/base/config.h"
#include "reka/blocks/linear.h"

namespace reka {

struct SwiGluConfig {
  static constexpr std::string_view kName = "swiglu";
  void describe(auto& /*field*/) {}
};

/// The choice of feed-forward layer; its width is the decoder's `hidden`.
using FeedForwardConfig = OneOf<SwiGluConfig>;

struct FeedForwardOptions {
  int64_t dim = 0;
  int64_t hidden = 0;
  double init_std = 0.02;
  double output_std = 0.02;
};

/// down(silu(gate x) * up x), x [tokens, dim] -> [tokens, dim]. Shazeer 2020, arXiv:2002.05202.
class SwiGluFeedForwardImpl : public torch::nn::Module {
 public:
  explicit SwiGluFeedForwardImpl(const FeedForwardOptions& options);

  at::Tensor forward(const at::Tensor& x);

 private:
  Linear gate_up_{nullptr};  // [2 hidden, dim]: rows of the gate, then of up
  Linear down_{nullptr};     // [dim, hidden]
};
TORCH_MODULE(SwiGluFeedForward);

}  // namespace reka
