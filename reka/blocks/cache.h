#pragma once

#include <vector>

#include <ATen/core/Tensor.h>

namespace reka {

struct KvCacheSize {
  int64_t num_layers = 0;
  int64_t capacity = 0;  // tokens
  int64_t num_kv_heads = 0;
  int64_t head_dim = 0;
};

/// Keys and values (rotated already) of the tokens that one sequence has gone through.
class KvCache {
 public:
  KvCache(const KvCacheSize& size, const at::TensorOptions& options);

  /// Copies k, v [new tokens, kv_heads, head_dim] behind those of `layer` and returns all of them,
  /// [length() + new tokens, kv_heads, head_dim].
  struct Entry {
    at::Tensor k, v;
  };
  Entry append(int64_t layer, const at::Tensor& k, const at::Tensor& v);

  /// After a pass through all layers: its tokens belong to the past.
  void advance(int64_t tokens);

  int64_t length() const { return length_; }

 private:
  std::vector<Entry> layers_;  // [capacity, kv_heads, head_dim]
  int64_t capacity_;
  int64_t length_ = 0;
};

}  // namespace reka
