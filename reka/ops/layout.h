#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <ATen/core/Tensor.h>

namespace reka::ops {

/// What a device has made of a layout.
struct LayoutCache {
  std::shared_ptr<const void> of_device;
};

/// Which keys each query of a packed row sees. Queries and keys of document d lie in
/// [starts[d], starts[d + 1]) of their tensors. Query i of n sees the first
/// max(i + 1 + keys - n, prefixes[d]) keys of its document: causal with the ends aligned (so that
/// a cache may hold more keys than there are queries), and both ways inside the prefix.
/// A prefix of all keys is bidirectional attention, or cross attention where the starts differ.
/// A query that sees no key gets zeros.
struct AttentionLayout {
  std::vector<int64_t> q_starts;   // documents + 1 values, ascending; the first is 0
  std::vector<int64_t> kv_starts;  // documents + 1 values, ascending; the first is 0
  std::vector<int64_t> prefixes;   // documents values; 0 is causal
  // Shared by all copies, so that the layers of a pass and their backward make it once; a layout
  // does not change after its first use.
  std::shared_ptr<LayoutCache> cache = std::make_shared<LayoutCache>();

  int64_t documents() const { return static_cast<int64_t>(prefixes.size()); }
  int64_t queries(int64_t d) const { return q_starts[d + 1] - q_starts[d]; }
  int64_t keys(int64_t d) const { return kv_starts[d + 1] - kv_starts[d]; }
};

/// What the backward of attention reads and writes; shapes as in kernels.inc.
struct AttentionGrad {
  at::Tensor doutput, output, log_sum;
  at::Tensor q, k, v;
  at::Tensor dq, dk, dv;
};

}  // namespace reka::ops
