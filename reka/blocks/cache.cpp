#include "reka/blocks/cache.h"

#include <ATen/ops/empty.h>

namespace reka {

KvCache::KvCache(const KvCacheSize& size, const at::TensorOptions& options)
    : capacity_(size.capacity) {
  for (int64_t layer = 0; layer < size.num_layers; ++layer) {
    const auto sizes = {size.capacity, size.num_kv_heads, size.head_dim};
    layers_.push_back({at::empty(sizes, options), at::empty(sizes, options)});
  }
}

KvCache::Entry KvCache::append(int64_t layer, const at::Tensor& k, const at::Tensor& v) {
  const auto tokens = k.size(0);
  TORCH_CHECK(length_ + tokens <= capacity_, "KvCache: ", length_, " + ", tokens,
              " tokens: must not exceed the capacity of ", capacity_);
  const auto& [keys, values] = layers_.at(layer);
  keys.narrow(0, length_, tokens).copy_(k);
  values.narrow(0, length_, tokens).copy_(v);
  return {keys.narrow(0, 0, length_ + tokens), values.narrow(0, 0, length_ + tokens)};
}

void KvCache::advance(int64_t tokens) {
  length_ += tokens;
}

}  // namespace reka
