#include <algorithm>
#include <map>

#include <ATen/ops/cat.h>
#include <ATen/ops/index_copy.h>
#include <torch/nn/modules/container/modulelist.h>

#include "reka/blocks/block.h"
#include "reka/fusion/fusion.h"
#include "reka/ops/embedding.h"
#include "reka/ops/to_device.h"

namespace reka {
namespace {

// What the layers of one pass share, and their keys. Indices are int64, on the device.
struct CrossPass {
  ops::AttentionLayout layout;
  at::Tensor tokens;  // [tokens that see media]
  at::Tensor order;   // [keys] positions in memory + states; undefined where it is theirs
  bool recompute = false;
  std::map<int64_t, MediaKeys> keys;  // by the place of the layer
};

bool counts_up(const std::vector<int64_t>& order, int64_t end) {
  if (static_cast<int64_t>(order.size()) != end) return false;
  for (int64_t i = 0; i < end; ++i) {
    if (order[static_cast<size_t>(i)] != i) return false;
  }
  return true;
}

class GatedCrossAttentionFusion : public Fusion {
 public:
  GatedCrossAttentionFusion(const GatedCrossAttentionConfig& config, const FusionShape& shape)
      : places_(config.layers), recompute_(shape.recompute) {
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
    auto cross = cross_layout(state_ranges(media), sequence, seen);
    if (cross.tokens.empty()) return {.embedded = embedded, .between = {}};
    const auto states = project(media);
    const auto positions = seen + (states.defined() ? states.size(0) : 0);
    auto pass = std::make_shared<CrossPass>();
    pass->layout = std::move(cross.layout);
    pass->tokens = ops::to_device(cross.tokens, embedded.device());
    pass->recompute = recompute_ && memory == nullptr;
    // Where each document has one item, each key is used once and in order: nothing is copied.
    if (!counts_up(cross.keys, positions)) {
      pass->order = ops::to_device(cross.keys, embedded.device());
    }
    for (size_t i = 0; i < layers_.size(); ++i) {
      auto keys = states.defined() ? layers_[i]->keys(states) : MediaKeys{};
      if (memory != nullptr) keys = remember(*memory, i, keys);
      pass->keys[places_[i]] = in_order(keys, pass->order);
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
      for (size_t run = 0; run < encoded->runs.size(); ++run) {
        const auto begin = position;
        for (int64_t i = 0; i < encoded->run_items[run]; ++i) {
          position += encoded->features.grids.at(item++).positions();
        }
        ranges.push_back({.token = encoded->runs[run].begin, .begin = begin, .end = position});
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

  static MediaKeys in_order(const MediaKeys& keys, const at::Tensor& order) {
    if (!order.defined()) return keys;
    const auto gather = [&](const at::Tensor& x) {
      return ops::embedding(order, x.flatten(1)).view({-1, x.size(1), x.size(2)});
    };
    return {.k = gather(keys.k), .v = gather(keys.v)};
  }

  at::Tensor run(const CrossPass& pass, int64_t place, const at::Tensor& x) {
    const auto found = pass.keys.find(place);
    if (found == pass.keys.end()) return x;
    const auto index = std::find(places_.begin(), places_.end(), place) - places_.begin();
    const auto forward = [layer = layers_[index].ptr(), layout = pass.layout](const auto& in) {
      return layer->forward(in[0], {.k = in[1], .v = in[2]}, layout);
    };
    const auto& [k, v] = found->second;
    const auto all = pass.tokens.size(0) == x.size(0);
    const auto part = all ? x : ops::embedding(pass.tokens, x);
    const auto y = run_layer(*layers_[index], pass.recompute, forward, {part, k, v});
    return all ? y : x.index_copy(0, pass.tokens, y);
  }

  std::vector<int64_t> places_;  // blocks of the decoder
  bool recompute_;
  Linear vision_{nullptr}, audio_{nullptr};
  std::vector<GatedCrossAttentionLayer> layers_;
};

}  // namespace

std::shared_ptr<Fusion> make_gated_fusion(const GatedCrossAttentionConfig& config,
                                          const FusionShape& shape) {
  return std::make_shared<GatedCrossAttentionFusion>(config, shape);
}

}  // namespace reka
