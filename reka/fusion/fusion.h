#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <torch/nn/module.h>

#include "reka/base/config.h"
#include "reka/fusion/cross_attention.h"
#include "reka/fusion/interleave.h"
#include "reka/fusion/pool_mlp.h"
#include "reka/fusion/resampler.h"

namespace reka {

/// How features of media reach the decoder; the first is the default.
using FusionConfig = OneOf<ResamplerConfig, PoolMlpConfig, GatedCrossAttentionConfig>;

TokenCounts token_counts(const FusionConfig& config);

/// The sizes around a fusion; an absent encoder has width 0.
struct FusionShape {
  int64_t vision_width = 0;
  int64_t audio_width = 0;
  GatedCrossAttentionLayerImpl::Shape decoder;  // of a decoder block
  int64_t num_layers = 0;
  bool recompute = false;  // keep only the inputs of layers for the backward pass
};

/// Media seen in earlier passes of one sequence, for layers of gated cross-attention.
struct MediaMemory {
  std::vector<MediaKeys> layers;  // empty: none yet

  int64_t positions() const { return layers.empty() ? 0 : layers.front().k.size(0); }
};

/// The row that enters the decoder, and what happens between its blocks (empty: nothing).
struct FusedRow {
  at::Tensor embedded;
  std::function<at::Tensor(int64_t layer, const at::Tensor& x)> between;
};

/// The media of a pass, by encoder; either may have no items.
struct PassMedia {
  EncodedMedia vision, audio;
};

class Fusion : public torch::nn::Module {
 public:
  /// embedded [tokens, dim], the row with placeholders. With `memory`, the row is one document that
  /// continues what the memory has seen, and the memory grows by the media of this pass.
  virtual FusedRow fuse(const at::Tensor& embedded, const PassMedia& media,
                        const Sequence& sequence, MediaMemory* memory) = 0;
};

std::shared_ptr<Fusion> make_fusion(const FusionConfig& config, const FusionShape& shape);

std::shared_ptr<Fusion> make_gated_fusion(const GatedCrossAttentionConfig& config,
                                          const FusionShape& shape);

/// Cuts each item, a clip of one row, into that many windows of about equal length, each of at
/// least one position -> one item for each window.
Features split_windows(const Features& clips, const std::vector<int64_t>& windows);

}  // namespace reka
