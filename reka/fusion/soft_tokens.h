#pragma once

#include <memory>

#include <torch/nn/module.h>

#include "reka/encoders/encoder.h"

namespace reka {

/// How many placeholders stand for media: fixed by the configuration of a fusion.
struct TokenCounts {
  bool soft = true;           // false: one placeholder marks the place, nothing is written there
  Grid picture;               // of a tile or frame
  Grid window;                // of a window of sound
  double window_seconds = 0;  // longest window; 0: a clip is one window

  /// Windows of equal length in a clip, at least one.
  int64_t windows(double seconds) const;
};

/// The sizes that a fusion has besides its own configuration.
struct SoftTokensShape {
  int64_t width = 0;  // of the encoder's features
  int64_t dim = 0;    // of the decoder
  Grid tokens;        // soft tokens of each item
  bool recompute = false;
};

/// Makes the same number of soft tokens out of each item, whatever its number of positions.
class SoftTokens : public torch::nn::Module {
 public:
  /// -> [items * tokens, dim], item after item.
  virtual at::Tensor forward(const Features& features) = 0;
};

}  // namespace reka
