#include "reka/blocks/embedding.h"

#include "reka/blocks/init.h"
#include "reka/ops/embedding.h"

namespace reka {

EmbeddingImpl::EmbeddingImpl(int64_t vocab, int64_t dim, double init_std) {
  weight = register_parameter("weight", normal_weight({vocab, dim}, init_std));
}

at::Tensor EmbeddingImpl::forward(const at::Tensor& tokens) {
  return ops::embedding(tokens, weight);
}

}  // namespace reka
