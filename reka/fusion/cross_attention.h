#pragma once

#include <string_view>
#include <vector>

#include "reka/blocks/feed_forward.h"
#include "reka/blocks/init.h"
#include "reka/blocks/linear.h"
#include "reka/blocks/norm.h"
#include "reka/fusion/soft_tokens.h"
#include "reka/ops/layout.h"

namespace reka {

struct GatedCrossAttentionConfig {
  static constexpr std::string_view kName = "gated_cross_attention";
  std::vector<int64_t> layers = {1, 3};
  double init_std = 0.02;

  void describe(auto& field) {
    field("layers", layers, "decoder blocks that such a layer stands before, from 0", not_empty,
          each(not_negative));
    field("init_std", init_std, "standard deviation of new matrices", positive, between(0, 100));
  }

  TokenCounts counts() const { return {.soft = false}; }
};

/// Keys and values of media positions, [positions, kv_heads, head_dim] each.
struct MediaKeys {
  at::Tensor k, v;
};

/// A number that tanh turns into a gate; fp32 in every precision, 0 at first.
class GateImpl : public torch::nn::Module, public KeepsFp32 {
 public:
  GateImpl();
  at::Tensor forward(const at::Tensor& x);  // tanh(weight) x

  at::Tensor weight;  // [1]
};
TORCH_MODULE(Gate);

/// h = x + tanh(a) attention(norm(x) over media), y = h + tanh(b) feed_forward(norm(h)), queries
/// and keys normalised, without rotation: the cross-attention layer of Llama 3.2 Vision (Mllama),
/// after Flamingo, arXiv:2204.14198.
class GatedCrossAttentionLayerImpl : public torch::nn::Module {
 public:
  struct Shape {
    int64_t dim = 0;
    int64_t num_heads = 0;
    int64_t num_kv_heads = 0;
    int64_t head_dim = 0;
    int64_t hidden = 0;
    double norm_eps = 1e-5;
    double init_std = 0.02;
    double output_std = 0.02;
  };
  explicit GatedCrossAttentionLayerImpl(const Shape& shape);

  /// states [positions, dim] -> keys and values.
  MediaKeys keys(const at::Tensor& states);

  /// x [tokens, dim] of tokens that see media -> the same shape.
  at::Tensor forward(const at::Tensor& x, const MediaKeys& media,
                     const ops::AttentionLayout& layout);

 private:
  Shape shape_;
  RmsNorm attention_norm_{nullptr}, query_norm_{nullptr}, key_norm_{nullptr};
  Linear query_{nullptr};      // [num_heads head_dim, dim]
  Linear key_value_{nullptr};  // [2 num_kv_heads head_dim, dim]: rows of k, then v
  Linear output_{nullptr};
  Gate attention_gate_{nullptr};
  RmsNorm feed_forward_norm_{nullptr};
  SwiGluFeedForward feed_forward_{nullptr};
  Gate feed_forward_gate_{nullptr};
};
TORCH_MODULE(GatedCrossAttentionLayer);

}  // namespace reka
