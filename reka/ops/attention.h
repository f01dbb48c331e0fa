#pragma once

#include <ATen/core/Tensor.h>

#include "reka/ops/layout.h"

namespace reka::ops {

/// softmax(q k^T / sqrt(head_dim)) v inside each document of a packed row, see AttentionLayout.
/// Each key/value head serves heads / kv_heads consecutive query heads.
/// q [tokens, heads, head_dim], k, v [kv_tokens, kv_heads, head_dim] -> [tokens, heads, head_dim].
at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                     const AttentionLayout& layout);

/// The same where q, k and v come out of one matrix: qkv [tokens, heads + 2 kv_heads, head_dim]
/// holds the heads of q, then k, then v.
at::Tensor self_attention(const at::Tensor& qkv, int64_t num_heads, const AttentionLayout& layout);

}  // namespace reka::ops
