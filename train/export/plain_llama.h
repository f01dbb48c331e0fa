#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include <ATen/core/Tensor.h>

namespace reka::train {

/// Logits [tokens, vocab] fp32 of one sequence, by the Llama formulas written out over the files of
/// an exported folder: its own reading of names, rotation, norms and attention, and nothing of the
/// model library, so that both can be held against each other.
at::Tensor plain_llama_logits(const std::filesystem::path& folder,
                              const std::vector<int64_t>& tokens);

}  // namespace reka::train
