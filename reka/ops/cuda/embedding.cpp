#include <ATen/ops/embedding_dense_backward.h>

#include "reka/ops/kernels.h"

namespace reka::ops::cuda {

Tensor embedding_backward(const Tensor& dy, const Tensor& tokens, int64_t vocab) {
  return at::embedding_dense_backward(dy, tokens, vocab, /*padding_idx=*/-1,
                                      /*scale_grad_by_freq=*/false);
}

}  // namespace reka::ops::cuda
