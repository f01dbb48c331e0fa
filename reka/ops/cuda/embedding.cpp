#include <ATen/ops/embedding_dense_backward.h>

#include "reka/ops/kernels.h"

namespace reka::ops::cuda {

// In the precision of sums, since for few tokens the kernel adds up in the type that it is given.
Tensor embedding_backward(const Tensor& dy, const Tensor& tokens, int64_t vocab) {
  return at::embedding_dense_backward(dy.to(at::toOpMathType(dy.scalar_type())), tokens, vocab,
                                      /*padding_idx=*/-1, /*scale_grad_by_freq=*/false)
      .to(dy.scalar_type());
}

}  // namespace reka::ops::cuda
