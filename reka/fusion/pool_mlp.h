#pragma once

#include <string_view>

#include "reka/blocks/linear.h"
#include "reka/blocks/size_limits.h"
#include "reka/fusion/soft_tokens.h"

namespace reka {

struct PoolMlpConfig {
  static constexpr std::string_view kName = "pool_mlp";
  int64_t grid = 4;
  int64_t audio_tokens = 8;
  double audio_seconds = 1;
  double init_std = 0.02;

  void describe(auto& field) {
    field("grid", grid, "a tile or frame becomes grid x grid soft tokens", between(1, 256));
    field("audio_tokens", audio_tokens, "soft tokens of a window of sound", soft_tokens_limit);
    field("audio_seconds", audio_seconds, "longest window of sound", at_least(0.1));
    field("init_std", init_std, "standard deviation of new matrices", positive, between(0, 100));
  }

  TokenCounts counts() const {
    return {.picture = {.rows = grid, .columns = grid},
            .window = {.rows = 1, .columns = audio_tokens},
            .window_seconds = audio_seconds};
  }
  std::shared_ptr<SoftTokens> build(const SoftTokensShape& shape) const;
};

/// Adaptive average pooling to a fixed grid, then linear, GELU, linear, with biases: the projector
/// of reka-edge-2603 (paper.md 3.3).
class PoolMlp : public SoftTokens {
 public:
  PoolMlp(const PoolMlpConfig& config, const SoftTokensShape& shape);
  at::Tensor forward(const Features& features) override;

 private:
  Grid tokens_;
  Linear linear_1_{nullptr}, linear_2_{nullptr};
};

/// The means of adaptive pooling as a matrix [to.positions(), from.positions()] fp32: cell i of n
/// is the mean of [floor(i m / n), ceil((i + 1) m / n)) in each direction, as
/// torch.nn.AdaptiveAvgPool2d.
at::Tensor pooling_matrix(const Grid& from, const Grid& to);

}  // namespace reka
