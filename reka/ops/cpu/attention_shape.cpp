#include "reka/ops/cpu/attention_shape.h"

#include <cmath>

namespace reka::ops::cpu {
namespace {

constexpr int64_t kBlockRows = 128;  // wanted in a row block

// Few different numbers of rows: powers of two while they are small.
int64_t padded_rows(int64_t rows) {
  return rows <= kBlockRows
             ? std::max(kPad, static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(rows))))
             : padded(rows);
}

// Short documents have one panel of a power of two, longer ones whole panels.
int64_t room_for(int64_t keys) {
  if (keys == 0) return 0;
  if (keys > kMostKeys) return (keys + kMostKeys - 1) / kMostKeys * kMostKeys;
  return std::max(kPad, static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(keys))));
}

}  // namespace

AttentionShape::AttentionShape(const at::Tensor& q, const at::Tensor& k,
                               const AttentionLayout& layout)
    : heads(q.size(1)),
      kv_heads(k.size(1)),
      group(heads / kv_heads),
      K(q.size(2)),
      Kp(padded(K)),
      block_tokens(std::max<int64_t>(1, kBlockRows / group)),
      most_rows(padded_rows(block_tokens * group)),
      scale(1 / std::sqrt(static_cast<double>(K))),
      copy_starts{0} {
  for (int64_t d = 0; d < layout.documents(); ++d) {
    room.push_back(room_for(layout.keys(d)));
    most_room = std::max(most_room, room.back());
    copy_starts.push_back(copy_starts.back() + room.back() * Kp * kv_heads);
  }
}

template <typename Limit>
RowBlock<Limit>::RowBlock(const AttentionShape& shape, const AttentionLayout& layout, int64_t d,
                          int64_t index)
    : document(d), first_token(layout.q_starts[d] + index * shape.block_tokens) {
  const auto n = layout.queries(d);
  const auto keys = layout.keys(d);
  const auto first = index * shape.block_tokens;
  const auto tokens = std::min(shape.block_tokens, n - first);
  rows = tokens * shape.group;
  M = padded_rows(rows);
  limit.assign(M, 0);
  seen = 0;
  for (int64_t row = 0; row < rows; ++row) {
    const auto causal = first + row / shape.group + 1 + keys - n;
    const auto sees = std::clamp<int64_t>(std::max(causal, layout.prefixes[d]), 0, keys);
    limit[row] = static_cast<Limit>(sees);
    seen = std::max(seen, sees);
  }
}

template struct RowBlock<float>;
template struct RowBlock<double>;

Scratch& Scratch::of_this_thread(int64_t bytes) {
  thread_local Scratch scratch;
  const auto needed = static_cast<size_t>(bytes) + size_t{64} * 32;  // room for alignment
  if (scratch.memory_.size() < needed) {
    scratch.memory_.clear();
    scratch.memory_.resize(needed);
  }
  const auto address = reinterpret_cast<uintptr_t>(scratch.memory_.data());
  scratch.next_ = scratch.memory_.data() + (64 - address % 64) % 64;
  return scratch;
}

}  // namespace reka::ops::cpu
