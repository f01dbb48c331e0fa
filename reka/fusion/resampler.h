#pragma once

#include <string_view>
#include <vector>

#include "reka/blocks/feed_forward.h"
#include "reka/blocks/linear.h"
#include "reka/blocks/size_limits.h"
#include "reka/fusion/soft_tokens.h"
#include "reka/ops/layout.h"

namespace reka {

/// The grid of that many cells with the fewest more columns than rows.
Grid squarest_grid(int64_t cells);

struct ResamplerConfig {
  static constexpr std::string_view kName = "resampler";
  int64_t num_queries = 16;
  int64_t audio_queries = 8;
  double audio_seconds = 1;
  int64_t width = 192;
  int64_t num_layers = 2;
  int64_t num_heads = 3;
  int64_t hidden = 512;
  double norm_eps = 1e-5;
  double init_std = 0.02;

  void describe(auto& field) {
    field("num_queries", num_queries, "soft tokens of a tile or frame", soft_tokens_limit);
    field("audio_queries", audio_queries, "soft tokens of a window of sound", soft_tokens_limit);
    field("audio_seconds", audio_seconds, "longest window of sound", at_least(0.1));
    field("width", width, "width of the queries", width_limit, multiple_of(4));
    field("num_layers", num_layers, "rounds of cross-attention and feed-forward", layers_limit);
    field("num_heads", num_heads, "attention heads", heads_limit);
    field("hidden", hidden, "width of the feed-forward layers", hidden_limit);
    field("norm_eps", norm_eps, "added to the mean square in RMSNorm", positive);
    field("init_std", init_std, "standard deviation of new matrices", positive, between(0, 100));
    field.rule(
        "num_heads", [this] { return width % num_heads == 0; }, "must divide width");
  }

  TokenCounts counts() const {
    return {.picture = squarest_grid(num_queries),
            .window = {.rows = 1, .columns = audio_queries},
            .window_seconds = audio_seconds};
  }
  std::shared_ptr<SoftTokens> build(const SoftTokensShape& shape) const;
};

/// Where keys and queries are, as vectors that are near to each other where the places are.
struct Places {
  at::Tensor keys;     // [positions, width]
  at::Tensor queries;  // [items * queries, width]
};

/// One round: q = q + attention(norm(q) + place over norm(x) + place), q = q + ffn(norm(q)). The
/// matrices of queries and keys begin equal, so that new queries look at their own place first and
/// do not all begin with the mean of the features.
class ResamplerLayerImpl : public torch::nn::Module {
 public:
  explicit ResamplerLayerImpl(const ResamplerConfig& config);

  /// x [positions, width] of the features, q [items * queries, width] -> q.
  at::Tensor forward(const at::Tensor& x, const at::Tensor& q, const Places& places,
                     const ops::AttentionLayout& layout);

 private:
  int64_t num_heads_;
  RmsNorm feature_norm_{nullptr}, query_norm_{nullptr}, feed_forward_norm_{nullptr};
  Linear query_{nullptr}, key_{nullptr}, value_{nullptr}, output_{nullptr};  // [width, width]
  SwiGluFeedForward feed_forward_{nullptr};
};
TORCH_MODULE(ResamplerLayer);

/// Learned queries gather from the features of each item by cross-attention; queries and keys have
/// fixed positions in two dimensions, as in Qwen-VL, arXiv:2308.12966, section 2.1. Alayrac et al.
/// 2022 (Flamingo), arXiv:2204.14198, section 2.2; BLIP-2's Q-Former, arXiv:2301.12597.
class Resampler : public SoftTokens {
 public:
  Resampler(const ResamplerConfig& config, const SoftTokensShape& shape);
  at::Tensor forward(const Features& features) override;

 private:
  Grid tokens_;
  bool recompute_;
  Linear input_{nullptr};  // features to the width of the queries
  at::Tensor queries_;     // [queries, width]
  std::vector<ResamplerLayer> layers_;
  RmsNorm norm_{nullptr};
  Linear output_{nullptr};  // to the decoder
};

/// The centres of a grid's cells in the unit square as waves of their row and column, of 2 to 1/32
/// of its side, [positions, width] fp32.
at::Tensor place_waves(const Grid& grid, int64_t width, const at::Device& device);

}  // namespace reka
