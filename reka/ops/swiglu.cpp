#include "reka/ops/swiglu.h"

#include <torch/csrc/autograd/custom_function.h>

#include "reka/ops/dispatch.h"
#include "reka/ops/kernels.h"

namespace reka::ops {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// y = g s u, s = sigmoid(g); dg = dy u s (1 + g (1 - s)), du = dy g s.
class SwiGlu : public torch::autograd::Function<SwiGlu> {
 public:
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& gate_up) {
    ctx->save_for_backward({gate_up});
    return on(gate_up, cpu::swiglu, cuda::swiglu, meta::swiglu)(gate_up);
  }
  static variable_list backward(AutogradContext* ctx, const variable_list& dy) {
    const auto backward_of =
        on(dy[0], cpu::swiglu_backward, cuda::swiglu_backward, meta::swiglu_backward);
    return {backward_of(dy[0].contiguous(), ctx->get_saved_variables()[0])};
  }
};

}  // namespace

at::Tensor swiglu(const at::Tensor& gate_up) {
  TORCH_CHECK(gate_up.dim() >= 1 && gate_up.size(-1) % 2 == 0, "swiglu: gate_up is ",
              gate_up.sizes(), ": the last size must be even");
  auto sizes = gate_up.sizes().vec();
  const auto rows = gate_up.contiguous().view({-1, sizes.back()});
  sizes.back() /= 2;
  return SwiGlu::apply(rows).view(sizes);
}

}  // namespace reka::ops
