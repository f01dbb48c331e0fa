#include "reka/ops/recompute.h"

#include <utility>

#include <ATen/ops/empty.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

namespace reka::ops {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;
using Block = std::function<at::Tensor(const at::Tensor&)>;

// Carries the function from forward to backward, since saved_data holds only script values.
struct BlockHolder : torch::CustomClassHolder {
  explicit BlockHolder(Block function) : run(std::move(function)) {}
  Block run;
};

class Recompute : public torch::autograd::Function<Recompute> {
 public:
  // `anchor` requires a gradient, so that the node exists even where only captured parameters do.
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x, const at::Tensor& anchor,
                            const c10::intrusive_ptr<BlockHolder>& block) {
    (void)anchor;
    ctx->save_for_backward({x});
    ctx->saved_data["block"] = c10::IValue::make_capsule(block);
    return block->run(x);
  }
  static variable_list backward(AutogradContext* ctx, const variable_list& dy) {
    const auto saved = ctx->get_saved_variables()[0];
    const auto x = saved.detach().requires_grad_(saved.is_floating_point());
    const auto block =
        c10::static_intrusive_pointer_cast<BlockHolder>(ctx->saved_data["block"].toCapsule());
    const at::AutoGradMode with_grad(true);
    torch::autograd::backward({block->run(x)}, {dy[0]});
    return {x.grad(), {}, {}};
  }
};

}  // namespace

at::Tensor recompute(const std::function<at::Tensor(const at::Tensor&)>& function,
                     const at::Tensor& x) {
  if (!at::GradMode::is_enabled()) return function(x);
  const auto anchor = at::empty({0}, x.options().dtype(at::kFloat)).requires_grad_();
  return Recompute::apply(x, anchor, c10::make_intrusive<BlockHolder>(function));
}

}  // namespace reka::ops
