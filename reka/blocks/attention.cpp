#include "reka/blocks/attention.h"

#include <utility>

#include "reka/ops/attention.h"

namespace reka {

ops::AttentionLayout packed_layout(const Sequence& sequence) {
  return {.q_starts = sequence.starts,
          .kv_starts = sequence.starts,
          .prefixes = sequence.prefix_lengths};
}

ops::AttentionLayout bidirectional_layout(const std::vector<int64_t>& starts) {
  std::vector<int64_t> lengths;
  for (size_t i = 0; i + 1 < starts.size(); ++i) lengths.push_back(starts[i + 1] - starts[i]);
  return {.q_starts = starts, .kv_starts = starts, .prefixes = std::move(lengths)};
}

GroupedAttentionImpl::GroupedAttentionImpl(const AttentionOptions& options) : options_(options) {
  const auto rows = (options.num_heads + 2 * options.num_kv_heads) * options.head_dim;
  qkv_ = register_module(
      "qkv",
      Linear(options.dim, rows, LinearOptions{.bias = options.bias, .init_std = options.init_std}));
  output_ = register_module(
      "output", Linear(options.num_heads * options.head_dim, options.dim,
                       LinearOptions{.bias = options.bias, .init_std = options.output_std}));
}

at::Tensor GroupedAttentionImpl::forward(const at::Tensor& x, const AttentionInput& input,
                                         int64_t layer) {
  const auto H = options_.num_heads;
  const auto G = options_.num_kv_heads;
  auto qkv = qkv_(x).view({x.size(0), H + 2 * G, options_.head_dim});  // [T, H + 2 G, K]
  if (input.angles.cosine.defined()) qkv = ops::rope(qkv, input.angles, H + G);
  if (input.cache == nullptr) {
    return output_(ops::self_attention(qkv, H, input.layout).flatten(1));
  }
  const auto past = input.cache->append(layer, qkv.narrow(1, H, G), qkv.narrow(1, H + G, G));
  return output_(ops::attention(qkv.narrow(1, 0, H), past.k, past.v, input.layout).flatten(1));
}

}  // namespace reka
