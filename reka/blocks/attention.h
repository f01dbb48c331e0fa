#pragma once

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include "reka/blocks/cache.h"
#include "reka/blocks/linear.h"
#include "reka/blocks/sequence.h"
#include "reka/ops/layout.h"
#include "reka/ops/rope.h"

namespace reka {

/// Documents of self-attention: queries and keys are the same tokens.
ops::AttentionLayout packed_layout(const Sequence& sequence);

/// Items that see all of themselves and nothing else, as in encoders: starts has items + 1 values.
ops::AttentionLayout bidirectional_layout(const std::vector<int64_t>& starts);

/// What all layers of one pass share.
struct AttentionInput {
  ops::AttentionLayout layout;
  ops::RopeAngles angles;    // undefined tensors: no rotation
  KvCache* cache = nullptr;  // one sequence; the layout's keys are then those of the cache, too
};

struct AttentionOptions {
  int64_t dim = 0;
  int64_t num_heads = 0;
  int64_t num_kv_heads = 0;
  int64_t head_dim = 0;
  bool bias = false;
  double init_std = 0.02;
  double output_std = 0.02;
};

/// Self-attention in which groups of query heads share a key/value head.
/// Ainslie et al. 2023, arXiv:2305.13245.
class GroupedAttentionImpl : public torch::nn::Module {
 public:
  explicit GroupedAttentionImpl(const AttentionOptions& options);

  /// x [tokens, dim] -> [tokens, dim]; `layer` is the place in the cache.
  at::Tensor forward(const at::Tensor& x, const AttentionInput& input, int64_t layer = 0);

 private:
  AttentionOptions options_;
  Linear qkv_{nullptr};  // [(num_heads + 2 num_kv_heads) head_dim, dim]: rows of q, then k, then v
  Linear output_{nullptr};
};
TORCH_MODULE(GroupedAttention);

}  // namespace reka
