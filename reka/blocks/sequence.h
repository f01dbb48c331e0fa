#pragma once

#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>

namespace reka {

/// Consecutive tokens of a row that stand for media.
struct TokenRun {
  int64_t begin = 0;
  int64_t length = 0;
};

/// Where the documents of a packed row are. Attention never crosses a document's edge; inside a
/// document the first `prefix_lengths[d]` tokens see each other both ways and the rest is causal.
struct Sequence {
  at::Tensor positions;                 // [tokens] int64, from 0 in each document (RoPE)
  std::vector<int64_t> starts;          // documents + 1 values: first 0, last = tokens
  std::vector<int64_t> prefix_lengths;  // documents values; 0 is plain causal

  int64_t tokens() const { return starts.back(); }
  int64_t documents() const { return static_cast<int64_t>(prefix_lengths.size()); }
};

}  // namespace reka
