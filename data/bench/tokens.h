#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "reka/base/json.h"

namespace reka::data::bench {

/// How fast texts become tokens on so many threads, and how fast the SentencePiece library alone
/// makes them from the same model, in turns: medians of `repeats`, in seconds of the wall clock.
struct TokensResult {
  int64_t threads = 1;
  int64_t text_bytes = 0;
  int64_t tokens = 0;
  double seconds = 0;
  double library_seconds = 0;

  Json json() const;
};

TokensResult measure_tokens(const std::vector<std::string>& texts,
                            const std::filesystem::path& tokenizer, int64_t threads,
                            int64_t repeats);

}  // namespace reka::data::bench
