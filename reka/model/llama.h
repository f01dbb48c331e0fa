#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reka/base/json.h"
#include "reka/model/decoder.h"

namespace reka {

inline constexpr auto kLlamaEmbedding = "model.embed_tokens.weight";

/// The key of config.json that names the folder of what is not Llama's: encoders and fusion.
inline constexpr auto kOwnFolderKey = "reka_folder";

/// A tensor of the Llama layout and the rows of ours that it is: q, k, v stand in one matrix here,
/// as do gate and up; the values are the same.
struct LlamaTensor {
  std::string name;  // "model.layers.0.self_attn.q_proj.weight"
  std::string ours;  // "decoder.blocks.0.attention.qkv.weight"
  int64_t begin = 0;
  std::vector<int64_t> shape;  // rows first
};

/// All tensors of a decoder whose embedding has `vocab` rows; the parts of one of ours follow each
/// other in its order.
std::vector<LlamaTensor> llama_tensors(const DecoderConfig& config, int64_t vocab);

/// The decoder that a config.json of the Llama layout describes. Throws CheckpointError for what
/// this decoder does not compute (biases, another activation, other rotations, sizes that do not
/// fit).
DecoderConfig decoder_from_llama(const Json& json, const std::string& place);

}  // namespace reka
