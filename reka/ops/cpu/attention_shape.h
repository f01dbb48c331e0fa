#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <vector>

#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>

#include "reka/ops/cpu/product.h"
#include "reka/ops/layout.h"

// What the forward and the backward of attention share. Both hold scores transposed,
// S^T = K Q^T [keys, rows]: a row is a (token, query head) pair of one key head and keeps its lane
// of the vectors, so that maxima and sums over keys never cross lanes. All sizes are padded with
// zeros to multiples of 32, which leaves no tails and few shapes of products.
namespace reka::ops::cpu {

constexpr int64_t kPad = 32;
constexpr int64_t kMostKeys = 256;  // of a block of scores

inline int64_t padded(int64_t n) {
  return (n + kPad - 1) / kPad * kPad;
}

/// Keys of the next block: the largest power of two up to kMostKeys, so that few shapes occur.
inline int64_t next_keys(int64_t remaining) {
  const auto power = std::bit_floor(static_cast<uint64_t>(padded(remaining)));
  return std::min(kMostKeys, static_cast<int64_t>(power));
}

/// Keys and values are copied once into a piece of [padded keys, Kp] per document and key head, by
/// rows [keys, Kp] or by columns: panels of [Kp, panel keys].
struct AttentionShape {
  AttentionShape(const at::Tensor& q, const at::Tensor& k, const AttentionLayout& layout);

  int64_t copy_size() const { return copy_starts.back(); }
  int64_t copy_at(int64_t d, int64_t c) const {
    return copy_starts[d] + (copy_starts[d + 1] - copy_starts[d]) / kv_heads * c;
  }
  /// Keys of a panel of document d.
  int64_t panel(int64_t d) const { return std::min(kMostKeys, room[d]); }

  int64_t heads, kv_heads, group, K;
  int64_t Kp;                        // K, padded
  int64_t block_tokens;              // queries of a row block
  int64_t most_rows;                 // padded rows of the largest row block
  int64_t most_room = 0;             // of all documents
  double scale;                      // of scores
  std::vector<int64_t> room;         // keys that the copy of each document has space for
  std::vector<int64_t> copy_starts;  // of each document's pieces
};

/// The query heads of a key head for a few tokens of document d. Limit is the type of sums, so that
/// limits are compared lane by lane.
template <typename Limit>
struct RowBlock {
  RowBlock(const AttentionShape& shape, const AttentionLayout& layout, int64_t d, int64_t index);

  int64_t document;
  int64_t first_token;       // in the packed row
  int64_t rows, M;           // tokens times group; padded
  int64_t seen;              // keys that any row sees
  std::vector<Limit> limit;  // [M] keys that each row sees
};

inline int64_t row_blocks(const AttentionShape& shape, const AttentionLayout& layout, int64_t d) {
  return (layout.queries(d) + shape.block_tokens - 1) / shape.block_tokens;
}

/// A thread's own memory, kept from call to call.
class Scratch {
 public:
  static Scratch& of_this_thread(int64_t bytes);

  /// [count] values, not initialised, 64-byte aligned.
  template <typename T>
  T* take(int64_t count) {
    auto* begin = next_;
    next_ += (count * static_cast<int64_t>(sizeof(T)) + 63) / 64 * 64;
    TORCH_CHECK(next_ <= memory_.data() + memory_.size(), "attention: scratch is too small");
    return reinterpret_cast<T*>(begin);
  }

 private:
  std::vector<std::byte> memory_;
  std::byte* next_ = nullptr;
};

/// Runs task(0) ... task(count - 1) on all threads, each taking the next one that is left.
template <typename Task>
void run_tasks(int64_t count, const Task& task) {
  std::atomic<int64_t> next{0};
  at::parallel_for(0, std::min<int64_t>(count, at::get_num_threads()), 1, [&](int64_t, int64_t) {
    for (auto i = next++; i < count; i = next++) task(i);
    release_products();
  });
}

}  // namespace reka::ops::cpu
