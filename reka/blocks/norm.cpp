#include "reka/blocks/norm.h"

#include "reka/ops/rms_norm.h"

namespace reka {

RmsNormImpl::RmsNormImpl(int64_t dim, double eps) : eps_(eps) {
  weight = register_parameter("weight", fp32_weight({dim}, 1));
}

at::Tensor RmsNormImpl::forward(const at::Tensor& x) {
  return ops::rms_norm(x, weight, eps_);
}

}  // namespace reka
