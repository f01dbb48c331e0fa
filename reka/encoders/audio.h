#pragma once

#include <string_view>
#include <vector>

#include "reka/blocks/linear.h"
#include "reka/encoders/encoder.h"

namespace reka {

struct WhisperConfig {
  static constexpr std::string_view kName = "whisper";
  TransformerConfig transformer{.width = 128, .num_layers = 3, .num_heads = 2, .hidden = 352};

  void describe(auto& field) { transformer.describe(field); }
};

/// Log-mel frames through two convolutions of width 3 with GELU, the second with stride 2, then a
/// transformer with fixed positions. Radford et al. 2022, arXiv:2212.04356, section 2.2; the blocks
/// are those of the decoder. Clips have their own lengths and are not padded to 30 s.
class WhisperImpl : public torch::nn::Module {
 public:
  /// `recompute` as in Transformer.
  WhisperImpl(const WhisperConfig& config, int64_t mels, bool recompute = false);

  /// clips: [mels, frames] each; all go through in one call -> one item of ceil(frames / 2)
  /// positions for each clip.
  Features forward(const std::vector<at::Tensor>& clips);

  int64_t width() const { return config_.transformer.width; }

 private:
  WhisperConfig config_;
  int64_t mels_;
  Linear conv1_{nullptr};  // [width, 3 mels], the mels of the frame before, this one, the next
  Linear conv2_{nullptr};  // [width, 3 width]
  Transformer transformer_{nullptr};
};
TORCH_MODULE(Whisper);

}  // namespace reka
