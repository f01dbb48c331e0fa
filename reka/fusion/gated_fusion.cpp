#include <algorithm>
#include <map>

#include <ATen/ops/cat.h>
#include <ATen/ops/index_copy.h>
#include <ATen/ops/tensor.h>
#include <torch/nn/modules/container/modulelist.h>

#include "reka/fusion/fusion.h"

namespace reka {
namespace {

// What the layers of one pass share, and their keys.
struct CrossPass {
  CrossLayout cross;
  at::Tensor tokens;  // [tokens that see media] int64, on the device
  std::map<int64_t, MediaKeys> keys;
};

class GatedCrossAttentionFusion : public Fusion {
 public:
  GatedCrossAttentionFusion(const GatedCrossAttentionConfig& config, const FusionShape& shape)
      : places_(config.layers) {
    const LinearOptions options{.bias = true, .init_std = config.init_std};
    const auto dim = shape.decoder.dim;
    if (shape.vision_width > 0) {
      vision_ = register_module("vision", Linear(shape.vision_width, dim, options));
    }
    if (shape.audio_width > 0) {
      audio_ = register_module("audio", Linear(shape.audio_width, dim, options));
    }
    auto layer = shape.decoder;
    layer.init_std = config.init_std;
    layer.output_std = residual_std(config.init_std, shape.num_layers);
    const auto list = register_module("layers", torch::nn::ModuleList());
    for (size_t i = 0; i < places_.size(); ++i) {
      layers_.emplace_back(layer);
      list->push_back(layers_.back());
    }
  }

  FusedRow fuse(const at::Tensor& embedded, const PassMedia& media, const Sequence& sequence,
                MediaMemory* memory) override {
    const auto seen = memory == nullptr ? 0 : memory->positions();
    auto pass = std::make_shared<CrossPass>();
    pass->cross = cross_layout(state_ranges(media), sequence, seen);
    if (pass->cross.tokens.empty()) return {.embedded = embedded, .between = {}};
    pass->tokens = at::tensor(pass->cross.tokens, at::kLong).to(embedded.device());
    const auto states = project(media);
    for (size_t i = 0; i < layers_.size(); ++i) {
      auto keys = states.defined() ? layers_[i]->keys(states) : MediaKeys{};
      if (memory != nullptr) keys = remember(*memory, i, keys);
      pass->keys[places_[i]] = in_order(keys, pass->cross.keys);
    }
    return {.embedded = embedded, .between = [this, pass](int64_t place, const at::Tensor& x) {
              return run(*pass, place, x);
            }};
  }

 private:
  static std::vector<StateRange> state_ranges(const PassMedia& media) {
    std::vector<StateRange> ranges;
    int64_t position = 0;
    for (const auto* encoded : {&media.vision, &media.audio}) {
      size_t item = 0;
      for (const auto& run : encoded->runs) {
        const auto begin = position;
        for (int64_t i = 0; i < run.items; ++i) {
          position += encoded->features.grids.at(item++).positions();
        }
        ranges.push_back({.run = run, .begin = begin, .end = position});
      }
    }
    return ranges;
  }

  // [positions, dim], or undefined without media.
  at::Tensor project(const PassMedia& media) {
    std::vector<at::Tensor> states;
    if (!media.vision.runs.empty()) states.push_back(vision_(media.vision.features.values));
    if (!media.audio.runs.empty()) states.push_back(audio_(media.audio.features.values));
    return states.empty() ? at::Tensor() : at::cat(states);
  }

  static MediaKeys remember(MediaMemory& memory, size_t layer, const MediaKeys& keys) {
    if (memory.layers.size() <= layer) {
      memory.layers.push_back(keys);
    } else if (keys.k.defined()) {
      auto& past = memory.layers[layer];
      past = {.k = at::cat({past.k, keys.k}), .v = at::cat({past.v, keys.v})};
    }
    return memory.layers[layer];
  }

  // Where each document has one item, each key is used once and in order: nothing is copied.
  static MediaKeys in_order(const MediaKeys& keys, const std::vector<int64_t>& order) {
    bool same = static_cast<int64_t>(order.size()) == keys.k.size(0);
    for (size_t i = 0; same && i < order.size(); ++i) same = order[i] == static_cast<int64_t>(i);
    if (same) return keys;
    const auto gather = [&](const at::Tensor& x) {
      return gather_rows(x.flatten(1), order).view({-1, x.size(1), x.size(2)});
    };
    return {.k = gather(keys.k), .v = gather(keys.v)};
  }

  at::Tensor run(const CrossPass& pass, int64_t place, const at::Tensor& x) {
    const auto found = pass.keys.find(place);
    if (found == pass.keys.end()) return x;
    const auto layer = std::find(places_.begin(), places_.end(), place) - places_.begin();
    const auto& layout = pass.cross.layout;
    if (pass.tokens.size(0) == x.size(0)) return layers_[layer]->forward(x, found->second, layout);
    const auto part = gather_rows(x, pass.cross.tokens);
    return x.index_copy(0, pass.tokens, layers_[layer]->forward(part, found->second, layout));
  }

  std::vector<int64_t> places_;  // blocks of the decoder
  Linear vision_{nullptr}, audio_{nullptr};
  std::vector<GatedCrossAttentionLayer> layers_;
};

}  // namespace

std::shared_ptr<Fusion> make_gated_fusion(const GatedCrossAttentionConfig& config,
                                          const FusionShape& shape) {
  return std::make_shared<GatedCrossAttentionFusion>(config, shape);
}

}  // namespace reka
