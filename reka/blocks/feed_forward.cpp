#include "reka/blocks/feed_forward.h"

#include "reka/ops/swiglu.h"

namespace reka {

SwiGluFeedForwardImpl::SwiGluFeedForwardImpl(const FeedForwardOptions& options) {
  gate_up_ = register_module("gate_up", Linear(options.dim, 2 * options.hidden,
                                               LinearOptions{.init_std = options.init_std}));
  down_ = register_module(
      "down", Linear(options.hidden, options.dim, LinearOptions{.init_std = options.output_std}));
}

at::Tensor SwiGluFeedForwardImpl::forward(const at::Tensor& x) {
  return down_(ops::swiglu(gate_up_(x)));
}

}  // namespace reka
