// peers_mllama FILE: a small decoder with gated cross-attention layers, made at random: its
// weights, tokens, states that the layers see, and logits as safetensors, for
// tests/peers/mllama.py.

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include <ATen/ATen.h>

#include "reka/fusion/cross_attention.h"
#include "reka/model/decoder.h"
#include "reka/weights/safetensors.h"

namespace {

using namespace reka;

constexpr int64_t kVocab = 128;
constexpr int64_t kTokens = 23;
constexpr int64_t kStates = 17;
const std::vector<int64_t> kPlaces = {1, 3};  // blocks that a gated layer stands before

void add_random(torch::nn::Module& module, const std::string& prefix,
                std::map<std::string, at::Tensor>& tensors) {
  const at::NoGradGuard no_grad;
  for (auto& item : module.named_parameters()) {
    item.value().add_(0.3 * at::randn_like(item.value()));
    tensors[prefix + item.key()] = item.value().detach().contiguous();
  }
}

void write(const std::string& path, const std::map<std::string, at::Tensor>& tensors) {
  std::vector<TensorBytes> entries;
  for (const auto& [name, tensor] : tensors) {
    const auto* data = static_cast<const std::byte*>(tensor.const_data_ptr());
    entries.push_back({.name = name,
                       .dtype = tensor.scalar_type() == at::kLong ? "I64" : "F32",
                       .shape = tensor.sizes().vec(),
                       .bytes = {data, tensor.nbytes()}});
  }
  write_safetensors(path, entries);
}

}  // namespace

int main(int argc, char** argv) {
  TORCH_CHECK(argc == 2, "peers_mllama: ", argc - 1, " arguments: must be the file to write");
  at::manual_seed(0);
  const at::NoGradGuard no_grad;
  const DecoderConfig config{.dim = 48,
                             .num_layers = 4,
                             .num_heads = 6,
                             .num_kv_heads = 2,
                             .hidden = 80,
                             .vocab_multiple = 1,
                             .rope_theta = 500000};
  std::map<std::string, at::Tensor> tensors;
  Decoder decoder(config, kVocab);
  add_random(*decoder, "decoder.", tensors);
  std::map<int64_t, GatedCrossAttentionLayer> layers;
  for (const auto place : kPlaces) {
    GatedCrossAttentionLayer layer(
        GatedCrossAttentionLayerImpl::Shape{.dim = config.dim,
                                            .num_heads = config.num_heads,
                                            .num_kv_heads = config.num_kv_heads,
                                            .head_dim = config.head_size(),
                                            .hidden = config.hidden,
                                            .norm_eps = config.norm_eps});
    add_random(*layer, fmt::format("layers.{}.", place), tensors);
    layers.emplace(place, layer);
  }
  const auto states = tensors["states"] = at::randn({kStates, config.dim});
  const auto tokens = tensors["tokens"] = at::randint(kVocab, {kTokens}, at::kLong);
  const ops::AttentionLayout all{
      .q_starts = {0, kTokens}, .kv_starts = {0, kStates}, .prefixes = {kStates}};
  const auto between = [&](int64_t place, const at::Tensor& x) {
    const auto found = layers.find(place);
    return found == layers.end() ? x : found->second->forward(x, found->second->keys(states), all);
  };
  const Sequence sequence{
      .positions = at::arange(kTokens, at::kLong), .starts = {0, kTokens}, .prefix_lengths = {0}};
  const auto hidden = decoder->forward(decoder->embed(tokens), sequence, nullptr, between);
  tensors["logits"] = decoder->logits(hidden).contiguous();
  write(argv[1], tensors);
}
