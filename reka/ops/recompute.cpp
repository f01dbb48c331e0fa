#include "reka/ops/recompute.h"

#include <utility>

#include <ATen/ops/empty.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

namespace reka::ops {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Carries the function from forward to backward, since saved_data holds only script values.
struct BlockHolder : torch::CustomClassHolder {
  explicit BlockHolder(RecomputedFunction function) : run(std::move(function)) {}
  RecomputedFunction run;
};

class Recompute : public torch::autograd::Function<Recompute> {
 public:
  // `anchor` requires a gradient, so that the node exists even where only captured parameters do.
  static at::Tensor forward(AutogradContext* ctx, const at::TensorList& inputs,
                            const at::Tensor& anchor,
                            const c10::intrusive_ptr<BlockHolder>& block) {
    (void)anchor;
    ctx->save_for_backward(inputs.vec());
    ctx->saved_data["block"] = c10::IValue::make_capsule(block);
    return block->run(inputs.vec());
  }
  static variable_list backward(AutogradContext* ctx, const variable_list& dy) {
    auto inputs = ctx->get_saved_variables();
    for (auto& x : inputs) x = x.detach().requires_grad_(x.is_floating_point());
    const auto block =
        c10::static_intrusive_pointer_cast<BlockHolder>(ctx->saved_data["block"].toCapsule());
    const at::AutoGradMode with_grad(true);
    torch::autograd::backward({block->run(inputs)}, {dy[0]});
    variable_list gradients;
    for (const auto& x : inputs) gradients.push_back(x.grad());
    gradients.resize(inputs.size() + 2);  // none for the anchor and the block
    return gradients;
  }
};

}  // namespace

at::Tensor recompute(const RecomputedFunction& function, const std::vector<at::Tensor>& inputs) {
  if (!at::GradMode::is_enabled()) return function(inputs);
  const auto anchor = at::empty({0}, inputs.front().options().dtype(at::kFloat)).requires_grad_();
  return Recompute::apply(at::TensorList(inputs), anchor,
                          c10::make_intrusive<BlockHolder>(function));
}

}  // namespace reka::ops
