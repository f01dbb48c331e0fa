#include "train/export/plain_llama.h"

#include <cmath>
#include <limits>
#include <map>
#include <memory>

#include <ATen/ATen.h>
#include <fmt/format.h>

#include "reka/base/error.h"
#include "reka/base/files.h"
#include "reka/base/json.h"
#include "reka/weights/safetensors.h"

namespace reka::train {
namespace {

namespace fs = std::filesystem;

class PlainLlama {
 public:
  explicit PlainLlama(const fs::path& folder) : place_((folder / "config.json").string()) {
    config_ = parse_json(read_file(place_), place_);
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (entry.path().extension() != ".safetensors") continue;
      files_.push_back(std::make_unique<SafetensorsFile>(entry.path()));
      for (const auto& [name, info] : files_.back()->tensors()) where_[name] = files_.back().get();
    }
  }

  at::Tensor logits(const at::Tensor& tokens) const {
    auto x = tensor("model.embed_tokens.weight").index_select(0, tokens);  // [T, H]
    for (int64_t i = 0; i < integer("num_hidden_layers"); ++i) {
      const auto layer = fmt::format("model.layers.{}.", i);
      x = x + attention(norm(x, layer + "input_layernorm"), layer + "self_attn.");
      const auto h = norm(x, layer + "post_attention_layernorm");
      const auto gate = at::silu(linear(h, layer + "mlp.gate_proj"));
      x = x + linear(gate * linear(h, layer + "mlp.up_proj"), layer + "mlp.down_proj");
    }
    const auto tied = json_value<bool>(config_, "tie_word_embeddings", place_);
    return linear(norm(x, "model.norm"), tied ? "model.embed_tokens" : "lm_head");
  }

 private:
  int64_t integer(const char* key) const { return json_value<int64_t>(config_, key, place_); }
  double number(const char* key) const { return json_value<double>(config_, key, place_); }

  at::Tensor tensor(const std::string& name) const {
    const auto found = where_.find(name);
    if (found == where_.end()) throw CheckpointError("{}: {} is missing", place_, name);
    const auto& info = found->second->info(name);
    const auto dtype = info.dtype == "F32" ? at::kFloat : at::kBFloat16;
    auto* data = const_cast<std::byte*>(found->second->bytes(name).data());  // only read
    return at::from_blob(data, info.shape, at::TensorOptions(dtype)).to(at::kFloat);
  }

  at::Tensor linear(const at::Tensor& x, const std::string& name) const {
    return at::matmul(x, tensor(name + ".weight").t());
  }

  at::Tensor norm(const at::Tensor& x, const std::string& name) const {
    const auto scale = (x.square().mean(-1, true) + number("rms_norm_eps")).rsqrt();
    return x * scale * tensor(name + ".weight");
  }

  // x [T, heads, D]: pairs (i, i + D / 2) turn by position * theta^(-2 i / D) / factor.
  at::Tensor rotate(const at::Tensor& x) const {
    const auto half = x.size(2) / 2;
    double factor = 1;
    if (config_.contains("rope_scaling")) {
      factor = json_value<double>(config_["rope_scaling"], "factor", place_);
    }
    const auto steps = at::arange(half, at::kDouble) / static_cast<double>(half);
    const auto rates = at::pow(at::scalar_tensor(number("rope_theta"), at::kDouble), -steps);
    const auto angles = (at::arange(x.size(0), at::kDouble) / factor).unsqueeze(1) * rates;
    const auto cosine = angles.cos().to(at::kFloat).unsqueeze(1);  // [T, 1, D / 2]
    const auto sine = angles.sin().to(at::kFloat).unsqueeze(1);
    const auto a = x.narrow(2, 0, half);
    const auto b = x.narrow(2, half, half);
    return at::cat({a * cosine - b * sine, b * cosine + a * sine}, 2);
  }

  at::Tensor attention(const at::Tensor& x, const std::string& layer) const {
    const auto T = x.size(0);
    const auto H = integer("num_attention_heads");
    const auto G = integer("num_key_value_heads");
    const auto D = integer("head_dim");
    const auto q = rotate(linear(x, layer + "q_proj").view({T, H, D}));
    const auto k = rotate(linear(x, layer + "k_proj").view({T, G, D}));
    const auto v = linear(x, layer + "v_proj").view({T, G, D});
    const auto heads = [&](const at::Tensor& y) {  // -> [H, T, D]
      return y.repeat_interleave(H / y.size(1), 1).transpose(0, 1);
    };
    const auto later = at::ones({T, T}, at::kBool).triu(1);
    auto scores = at::matmul(heads(q), heads(k).transpose(1, 2)) / std::sqrt(D);  // [H, T, T]
    scores = scores.masked_fill(later, -std::numeric_limits<float>::infinity());
    const auto mixed = at::matmul(scores.softmax(-1), heads(v));  // [H, T, D]
    return linear(mixed.transpose(0, 1).reshape({T, H * D}), layer + "o_proj");
  }

  std::string place_;
  Json config_;
  std::vector<std::unique_ptr<SafetensorsFile>> files_;
  std::map<std::string, const SafetensorsFile*> where_;
};

}  // namespace

at::Tensor plain_llama_logits(const fs::path& folder, const std::vector<int64_t>& tokens) {
  const at::NoGradGuard no_grad;
  return PlainLlama(folder).logits(at::tensor(tokens, at::kLong));
}

}  // namespace reka::train
