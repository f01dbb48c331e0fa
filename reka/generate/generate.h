#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "reka/generate/sampler.h"
#include "reka/model/model.h"

namespace reka {

struct GenerateOptions {
  SamplingConfig sampling;
  int64_t max_tokens = 128;
  int64_t vocab = 0;              // ids below it may be drawn
  std::vector<int64_t> stop_ids;  // end the text and are not part of it
};

/// Called with each token as it is drawn; false ends the text after it.
using TokenSink = std::function<bool(int64_t id)>;

/// Tokens for which the model's context has room behind `prompt`.
int64_t room_behind(const Model& model, const Input& prompt);

/// The tokens that the model writes behind `prompt`, one document of at least one token, media
/// included; none beyond the model's context. The prompt is read in one pass, every further token
/// in one of its own, with a cache of keys and values. The precision is the model's.
std::vector<int64_t> generate(Model model, const Input& prompt, const GenerateOptions& options,
                              const TokenSink& sink = {});

}  // namespace reka
