#include "reka/blocks/linear.h"

#include <ATen/ops/linear.h>

#include "reka/blocks/init.h"

namespace reka {

LinearImpl::LinearImpl(int64_t in, int64_t out, LinearOptions options) {
  weight = register_parameter("weight", normal_weight({out, in}, options.init_std));
  if (options.bias) bias = register_parameter("bias", constant_weight({out}, 0));
}

at::Tensor LinearImpl::forward(const at::Tensor& x) {
  return at::linear(x, weight, bias);
}

}  // namespace reka
