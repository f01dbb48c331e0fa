#include "reka/ops/rms_norm.h"

#include <torch/csrc/autograd/custom_function.h>

#include "reka/ops/dispatch.h"
#include "reka/ops/kernels.h"

namespace reka::ops {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// y = x r w, r = (mean(x^2) + eps)^-1/2;
// dx = r (w dy - x r^2 mean(w dy x)), dw = sum over rows of dy x r.
class RmsNorm : public torch::autograd::Function<RmsNorm> {
 public:
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x, const at::Tensor& weight,
                            double eps) {
    const auto [y, scale] = on(x, cpu::rms_norm, cuda::rms_norm, meta::rms_norm)(x, weight, eps);
    ctx->save_for_backward({x, weight, scale});
    return y;
  }
  static variable_list backward(AutogradContext* ctx, const variable_list& dy) {
    const auto saved = ctx->get_saved_variables();
    const auto backward_of =
        on(dy[0], cpu::rms_norm_backward, cuda::rms_norm_backward, meta::rms_norm_backward);
    const auto [dx, dweight] = backward_of(dy[0].contiguous(), saved[0], saved[1], saved[2]);
    return {dx, dweight, {}};
  }
};

}  // namespace

at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps) {
  TORCH_CHECK(weight.dim() == 1 && x.dim() >= 1 && x.size(-1) == weight.size(0), "rms_norm: x is ",
              x.sizes(), ", weight is ", weight.sizes());
  TORCH_CHECK(weight.scalar_type() == at::toOpMathType(x.scalar_type()), "rms_norm: x is ",
              x.scalar_type(), ", weight is ", weight.scalar_type(), ": must be the dtype of sums");
  const auto rows = x.contiguous().view({-1, weight.size(0)});
  return RmsNorm::apply(rows, weight.contiguous(), eps).view(x.sizes());
}

}  // namespace reka::ops
