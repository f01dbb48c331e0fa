#pragma once

#include <tuple>

#include <ATen/core/Tensor.h>

#include "reka/ops/layout.h"

namespace reka::ops::cpu {

/// Whether no document has more than a few queries, as in generation with a cache.
bool few_queries(const AttentionLayout& layout);

/// As attention, for few queries: reads keys and values in place, once for each query and head.
std::tuple<at::Tensor, at::Tensor> attention_few(const at::Tensor& q, const at::Tensor& k,
                                                 const at::Tensor& v,
                                                 const AttentionLayout& layout);

}  // namespace reka::ops::cpu
