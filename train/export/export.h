#pragma once

#include <cstdint>
#include <filesystem>

#include <ATen/core/ScalarType.h>

#include "data/tokens/tokenizer.h"
#include "reka/model/model_folder.h"

namespace reka::train {

/// What --verify leaves in the folder.
inline constexpr const char* kCertificate = "certificate.json";

struct ExportOptions {
  at::ScalarType precision = at::kFloat;  // of what is written: fp32 or bf16
  int64_t shard_bytes = 4LL << 30;        // tensors of one safetensors file, at least one
};

/// Writes `model` as a folder of the Llama layout: config.json, generation_config.json, safetensors
/// (with an index where there are several), tokenizer.model, tokenizer_config.json,
/// special_tokens_map.json, chat_template.jinja; encoders and fusion, which no class of other
/// runtimes covers, in its folder `reka`, with the hashes of all weights and of what reads them.
/// The whole is a MODEL again. The folder appears complete or not at all and replaces an older
/// export. Throws ConfigError where `to` holds something else, CheckpointError for a model that the
/// layout cannot describe.
void export_model(const ModelFolder& model, const data::Tokenizer& tokenizer,
                  const std::filesystem::path& to, const ExportOptions& options = {});

}  // namespace reka::train
