#include "reka/ops/embedding.h"

#include <algorithm>

#include <ATen/ops/cat.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/custom_function.h>

#include "reka/ops/dispatch.h"
#include "reka/ops/kernels.h"
#include "reka/ops/to_device.h"

namespace reka::ops {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// y_t = w[token_t]; dw[i] = sum of dy_t over the tokens t that are i.
class Embedding : public torch::autograd::Function<Embedding> {
 public:
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& tokens,
                            const at::Tensor& weight) {
    ctx->save_for_backward({tokens});
    ctx->saved_data["vocab"] = weight.size(0);
    if (weight.is_meta()) return at::empty({tokens.size(0), weight.size(1)}, weight.options());
    return weight.index_select(0, tokens);
  }
  static variable_list backward(AutogradContext* ctx, const variable_list& dy) {
    const auto backward_of =
        on(dy[0], cpu::embedding_backward, cuda::embedding_backward, meta::embedding_backward);
    return {{},
            backward_of(dy[0].contiguous(), ctx->get_saved_variables()[0],
                        ctx->saved_data["vocab"].toInt())};
  }
};

}  // namespace

at::Tensor embedding(const at::Tensor& tokens, const at::Tensor& weight) {
  TORCH_CHECK(tokens.dim() == 1 && tokens.scalar_type() == at::kLong && weight.dim() == 2,
              "embedding: tokens is ", tokens.scalar_type(), tokens.sizes(), ", weight is ",
              weight.sizes());
  return Embedding::apply(tokens.contiguous(), weight);
}

at::Tensor gather_rows(const at::Tensor& x, const std::vector<int64_t>& indices) {
  if (std::find(indices.begin(), indices.end(), -1) == indices.end()) {
    return ops::embedding(to_device(indices, x.device()), x);
  }
  auto behind_zeros = indices;
  for (auto& index : behind_zeros) ++index;
  return ops::embedding(to_device(behind_zeros, x.device()),
                        at::cat({at::zeros({1, x.size(1)}, x.options()), x}));
}

}  // namespace reka::ops
