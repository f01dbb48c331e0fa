#pragma once

#include <functional>
#include <vector>

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include "reka/base/config.h"
#include "reka/blocks/block.h"
#include "reka/blocks/cache.h"
#include "reka/blocks/embedding.h"
#include "reka/blocks/sequence.h"
#include "reka/blocks/size_limits.h"

namespace reka {

/// The size of a decoder. The vocabulary is the tokenizer's and no key.
struct DecoderConfig {
  int64_t dim = 256;
  int64_t num_layers = 6;
  int64_t num_heads = 4;
  int64_t num_kv_heads = 2;
  int64_t head_dim = 0;
  int64_t hidden = 704;
  FeedForwardConfig feed_forward;
  int64_t vocab_multiple = 64;
  int64_t context = 8192;
  double rope_theta = 10000;
  double rope_scaling = 1;
  double norm_eps = 1e-5;
  bool tied_head = false;
  double init_std = 0.02;
  bool recompute = false;

  void describe(auto& field) {
    field("dim", dim, "width of the residual stream", width_limit);
    field("num_layers", num_layers, "transformer blocks", layers_limit);
    field("num_heads", num_heads, "query heads", heads_limit);
    field("num_kv_heads", num_kv_heads, "key/value heads, each shared by query heads", heads_limit);
    field("head_dim", head_dim, "size of a head; 0: dim / num_heads", between(0, 4096));
    field("hidden", hidden, "width of the feed-forward layers", hidden_limit);
    field("feed_forward", feed_forward, "kind of feed-forward layer");
    field("vocab_multiple", vocab_multiple, "the vocabulary is padded to a multiple",
          between(1, 1048576));
    field("context", context,
          "longest document in tokens: rows are no longer, and exported models say it",
          between(1, 1073741824));
    field("rope_theta", rope_theta, "base of the rotary angles", positive);
    field("rope_scaling", rope_scaling, "positions are divided by it (linear interpolation)",
          positive);
    field("norm_eps", norm_eps, "added to the mean square in RMSNorm", positive);
    field("tied_head", tied_head, "whether the output matrix is the embedding");
    field("init_std", init_std, "standard deviation of new matrices", positive, between(0, 100));
    field("recompute", recompute,
          "keep only the inputs of blocks for the backward pass, in encoders and fusion too");
    field.rule(
        "num_kv_heads", [this] { return num_heads % num_kv_heads == 0; }, "must divide num_heads");
    field.rule(
        "head_dim", [this] { return head_dim > 0 || dim % num_heads == 0; },
        "must be given where num_heads does not divide dim");
    field.rule(
        "head_dim", [this] { return head_size() % 2 == 0; }, "must be even");
  }

  int64_t head_size() const { return head_dim > 0 ? head_dim : dim / num_heads; }
  int64_t padded_vocab(int64_t vocab_size) const;
  /// With a vocabulary of that many pieces; equals count_parameters(Decoder(...)).
  int64_t parameters(int64_t vocab_size) const;
};

/// What a model may do between blocks: (layer, x [tokens, dim]) -> x [tokens, dim] that goes into
/// that block. Gated cross-attention layers stand there.
using Between = std::function<at::Tensor(int64_t layer, const at::Tensor& x)>;

/// Causal transformer over packed rows. Parameters: embedding.weight [vocab, dim],
/// blocks.N.{attention_norm.weight, attention.{qkv,output}.weight, feed_forward_norm.weight,
/// feed_forward.{gate_up,down}.weight}, norm.weight, head.weight [vocab, dim] unless tied.
class DecoderImpl : public torch::nn::Module {
 public:
  DecoderImpl(const DecoderConfig& config, int64_t vocab_size);

  /// tokens [tokens] int64 -> [tokens, dim].
  at::Tensor embed(const at::Tensor& tokens);

  /// embedded [tokens, dim] -> hidden [tokens, dim], normalised for the head. With a cache the
  /// sequence is one document that continues what the cache holds, with positions from its length.
  at::Tensor forward(const at::Tensor& embedded, const Sequence& sequence, KvCache* cache = nullptr,
                     const Between& between = {});

  /// hidden [tokens, dim] -> [tokens, vocab].
  at::Tensor logits(const at::Tensor& hidden);

  /// [vocab, dim], for ops::linear_cross_entropy.
  const at::Tensor& head_weight() const;

  /// A cache for `capacity` tokens in the precision and on the device of the model.
  KvCache make_cache(int64_t capacity) const;

  int64_t vocab_size() const { return embedding_->weight.size(0); }  // padded
  const DecoderConfig& config() const { return config_; }

 private:
  AttentionInput attention_input(const Sequence& sequence, KvCache* cache);

  DecoderConfig config_;
  ops::RopeTable rope_;
  Embedding embedding_{nullptr};
  std::vector<Block> blocks_;
  RmsNorm norm_{nullptr};
  Linear head_{nullptr};  // empty when tied
};
TORCH_MODULE(Decoder);

}  // namespace reka
