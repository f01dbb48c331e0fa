#pragma once

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

namespace reka {

/// Rows of weight [vocab, dim]; tokens [tokens] int64 -> [tokens, dim].
class EmbeddingImpl : public torch::nn::Module {
 public:
  EmbeddingImpl(int64_t vocab, int64_t dim, double init_std = 0.02);

  at::Tensor forward(const at::Tensor& tokens);

  at::Tensor weight;
};
TORCH_MODULE(Embedding);

}  // namespace reka
