#include "reka/model/llama.h"

#include <fmt/format.h>

#include "reka/base/error.h"
#include "reka/base/reader.h"

namespace reka {
namespace {

void append_block(std::vector<LlamaTensor>& tensors, const DecoderConfig& config, int64_t layer) {
  const auto theirs = fmt::format("model.layers.{}.", layer);
  const auto ours = fmt::format("decoder.blocks.{}.", layer);
  const auto D = config.dim;
  const auto Q = config.num_heads * config.head_size();
  const auto G = config.num_kv_heads * config.head_size();
  const auto add = [&](const std::string& name, const std::string& our_name, int64_t begin,
                       std::vector<int64_t> shape) {
    tensors.push_back(
        {theirs + name + ".weight", ours + our_name + ".weight", begin, std::move(shape)});
  };
  add("input_layernorm", "attention_norm", 0, {D});
  add("self_attn.q_proj", "attention.qkv", 0, {Q, D});
  add("self_attn.k_proj", "attention.qkv", Q, {G, D});
  add("self_attn.v_proj", "attention.qkv", Q + G, {G, D});
  add("self_attn.o_proj", "attention.output", 0, {D, Q});
  add("post_attention_layernorm", "feed_forward_norm", 0, {D});
  add("mlp.gate_proj", "feed_forward.gate_up", 0, {config.hidden, D});
  add("mlp.up_proj", "feed_forward.gate_up", config.hidden, {config.hidden, D});
  add("mlp.down_proj", "feed_forward.down", 0, {D, config.hidden});
}

template <typename T>
T value_or(const Json& json, const char* key, T absent, const std::string& place) {
  const auto found = json.find(key);
  return found == json.end() || found->is_null() ? absent : json_value<T>(json, key, place);
}

double linear_factor(const Json& rope, const std::string& place) {
  const auto type = value_or<std::string>(
      rope, "rope_type", value_or<std::string>(rope, "type", "default", place), place);
  if (type == "default") return 1;
  if (type == "linear") return json_value<double>(rope, "factor", place);
  throw CheckpointError("{}: rope_type = {}: must be default or linear", place, type);
}

// Newer programs read rope_parameters, older ones rope_theta and rope_scaling: where a file has
// both they must say the same, since programs differ in which of them wins.
void read_rope(const Json& json, const std::string& place, DecoderConfig& config) {
  const auto given = [&](const char* key) { return json.contains(key) && json[key].is_object(); };
  const auto& newer = given("rope_parameters") ? json["rope_parameters"] : Json::object();
  const auto& older = given("rope_scaling") ? json["rope_scaling"] : newer;
  config.rope_scaling = linear_factor(newer.empty() ? older : newer, place);
  if (linear_factor(older, place) != config.rope_scaling) {
    throw CheckpointError("{}: rope_scaling: must say the same as rope_parameters", place);
  }
  const auto inner = value_or<double>(older, "rope_theta", 0, place);
  const auto outer = value_or<double>(json, "rope_theta", inner, place);
  config.rope_theta = value_or<double>(newer, "rope_theta", outer, place);
  if (config.rope_theta <= 0) throw CheckpointError("{}: rope_theta: must be given", place);
  if (outer > 0 && outer != config.rope_theta) {
    throw CheckpointError("{}: rope_theta = {}: must be {}, as in rope_parameters", place, outer,
                          config.rope_theta);
  }
}

// The limits and rules of our own keys, whose names differ a little from those of the file.
void check_decoder(DecoderConfig config, const std::string& place) {
  auto tree = resolve_config(struct_value(config), {});
  tree.origin.name = place;
  for (auto& item : tree.items) item.origin.name = place;
  ConfigErrors errors;
  read_config(tree, struct_value(config), errors);
  try {
    errors.throw_if_any();
  } catch (const ConfigError& error) {
    const std::string_view lines = error.what();
    throw CheckpointError("{}", lines.substr(0, lines.find('\n')));
  }
}

}  // namespace

std::vector<LlamaTensor> llama_tensors(const DecoderConfig& config, int64_t vocab) {
  std::vector<LlamaTensor> tensors;
  tensors.push_back({kLlamaEmbedding, "decoder.embedding.weight", 0, {vocab, config.dim}});
  for (int64_t layer = 0; layer < config.num_layers; ++layer) {
    append_block(tensors, config, layer);
  }
  tensors.push_back({"model.norm.weight", "decoder.norm.weight", 0, {config.dim}});
  if (!config.tied_head) {
    tensors.push_back({"lm_head.weight", "decoder.head.weight", 0, {vocab, config.dim}});
  }
  return tensors;
}

DecoderConfig decoder_from_llama(const Json& json, const std::string& place) {
  if (const auto type = json_value<std::string>(json, "model_type", place); type != "llama") {
    throw CheckpointError("{}: model_type = {}: must be llama", place, type);
  }
  if (const auto act = value_or<std::string>(json, "hidden_act", "silu", place); act != "silu") {
    throw CheckpointError("{}: hidden_act = {}: must be silu", place, act);
  }
  for (const auto* key : {"attention_bias", "mlp_bias"}) {
    if (value_or<bool>(json, key, false, place)) {
      throw CheckpointError("{}: {} = true: must be false", place, key);
    }
  }
  DecoderConfig config;
  config.dim = json_value<int64_t>(json, "hidden_size", place);
  config.num_layers = json_value<int64_t>(json, "num_hidden_layers", place);
  config.num_heads = json_value<int64_t>(json, "num_attention_heads", place);
  config.num_kv_heads = value_or<int64_t>(json, "num_key_value_heads", config.num_heads, place);
  config.head_dim = value_or<int64_t>(json, "head_dim", 0, place);
  config.hidden = json_value<int64_t>(json, "intermediate_size", place);
  config.context = value_or<int64_t>(json, "max_position_embeddings", config.context, place);
  config.norm_eps = value_or<double>(json, "rms_norm_eps", 1e-6, place);
  config.tied_head = value_or<bool>(json, "tie_word_embeddings", false, place);
  config.vocab_multiple = 1;  // the file has as many rows as it has
  read_rope(json, place, config);
  check_decoder(config, place);
  return config;
}

}  // namespace reka
