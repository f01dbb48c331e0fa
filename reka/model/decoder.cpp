#include "reka/model/decoder.h"

#include <algorithm>

#include <ATen/ops/linear.h>
#include <torch/nn/modules/container/modulelist.h>

namespace reka {
namespace {

BlockOptions block_options(const DecoderConfig& config) {
  const auto output_std = residual_std(config.init_std, config.num_layers);
  return {.attention = {.dim = config.dim,
                        .num_heads = config.num_heads,
                        .num_kv_heads = config.num_kv_heads,
                        .head_dim = config.head_size(),
                        .init_std = config.init_std,
                        .output_std = output_std},
          .feed_forward = {.dim = config.dim,
                           .hidden = config.hidden,
                           .init_std = config.init_std,
                           .output_std = output_std},
          .norm_eps = config.norm_eps};
}

int64_t longest_document(const Sequence& sequence) {
  int64_t longest = 0;
  for (int64_t d = 0; d < sequence.documents(); ++d) {
    longest = std::max(longest, sequence.starts[d + 1] - sequence.starts[d]);
  }
  return longest;
}

}  // namespace

int64_t DecoderConfig::padded_vocab(int64_t vocab_size) const {
  return (vocab_size + vocab_multiple - 1) / vocab_multiple * vocab_multiple;
}

int64_t DecoderConfig::parameters(int64_t vocab_size) const {
  const auto attention = (2 * num_heads + 2 * num_kv_heads) * head_size() * dim;
  const auto block = attention + 3 * hidden * dim + 2 * dim;
  const auto matrices = padded_vocab(vocab_size) * dim * (tied_head ? 1 : 2);
  return num_layers * block + dim + matrices;
}

DecoderImpl::DecoderImpl(const DecoderConfig& config, int64_t vocab_size)
    : config_(config), rope_(config.head_size(), config.rope_theta, config.rope_scaling) {
  const auto vocab = config.padded_vocab(vocab_size);
  embedding_ = register_module("embedding", Embedding(vocab, config.dim, config.init_std));
  const auto list = register_module("blocks", torch::nn::ModuleList());
  for (int64_t layer = 0; layer < config.num_layers; ++layer) {
    blocks_.emplace_back(block_options(config));
    list->push_back(blocks_.back());
  }
  norm_ = register_module("norm", RmsNorm(config.dim, config.norm_eps));
  if (!config.tied_head) {
    head_ = register_module("head",
                            Linear(config.dim, vocab, LinearOptions{.init_std = config.init_std}));
  }
}

at::Tensor DecoderImpl::embed(const at::Tensor& tokens) {
  return embedding_(tokens);
}

AttentionInput DecoderImpl::attention_input(const Sequence& sequence, KvCache* cache) {
  AttentionInput input{.layout = packed_layout(sequence), .cache = cache};
  auto length = longest_document(sequence);
  if (cache != nullptr) {
    TORCH_CHECK(sequence.documents() == 1, "decoder: ", sequence.documents(),
                " documents with a cache: must be one");
    length += cache->length();
    input.layout.kv_starts = {0, length};
  }
  input.angles = rope_.gather(sequence.positions, length);
  return input;
}

at::Tensor DecoderImpl::forward(const at::Tensor& embedded, const Sequence& sequence,
                                KvCache* cache, const Between& between) {
  TORCH_CHECK(embedded.dim() == 2 && embedded.size(0) == sequence.tokens(), "decoder: embedded is ",
              embedded.sizes(), ", the sequence has ", sequence.tokens(), " tokens");
  const auto input = attention_input(sequence, cache);
  auto x = embedded;
  for (int64_t layer = 0; layer < config_.num_layers; ++layer) {
    if (between) x = between(layer, x);
    const auto run = [block = blocks_[layer].ptr(), input, layer](const auto& in) {
      return block->forward(in[0], input, layer);
    };
    x = run_layer(*blocks_[layer], config_.recompute && cache == nullptr, run, {x});
  }
  if (cache != nullptr) cache->advance(sequence.tokens());
  return norm_(x);
}

at::Tensor DecoderImpl::logits(const at::Tensor& hidden) {
  return at::linear(hidden, head_weight());
}

const at::Tensor& DecoderImpl::head_weight() const {
  return config_.tied_head ? embedding_->weight : head_->weight;
}

KvCache DecoderImpl::make_cache(int64_t capacity) const {
  return KvCache({.num_layers = config_.num_layers,
                  .capacity = capacity,
                  .num_kv_heads = config_.num_kv_heads,
                  .head_dim = config_.head_size()},
                 embedding_->weight.options().requires_grad(false));
}

}  // namespace reka
