#include <algorithm>
#include <cmath>
#include <limits>

#include <ATen/Dispatch.h>
#include <ATen/ops/empty.h>

#include "reka/ops/cpu/attention_copy.h"
#include "reka/ops/cpu/attention_few.h"
#include "reka/ops/cpu/attention_shape.h"
#include "reka/ops/cpu/processor.h"
#include "reka/ops/kernels.h"

namespace reka::ops::cpu {
namespace {

// Online softmax over blocks of keys, as flash attention: Dao et al. 2022, arXiv:2205.14135.

constexpr float kLowest = -1e30F;

/// What a thread holds of one row block.
template <typename T>
struct State {
  State(Scratch& scratch, const AttentionShape& shape)
      : rows(scratch.take<T>(shape.most_rows * shape.Kp)),
        q(scratch.take<T>(shape.most_rows * shape.Kp)),
        scores(scratch.take<Math<T>>(shape.most_rows * kMostKeys)),
        weights(scratch.take<T>(shape.most_rows * kMostKeys)),
        largest(scratch.take<Math<T>>(shape.most_rows)),
        sum(scratch.take<Math<T>>(shape.most_rows)),
        output(scratch.take<Math<T>>(shape.most_rows * shape.Kp)) {}
  static int64_t bytes(const AttentionShape& shape) {
    const auto typed = 2 * shape.Kp + kMostKeys;
    const auto sums = kMostKeys + 2 + shape.Kp;
    return shape.most_rows * static_cast<int64_t>(typed * sizeof(T) + sums * sizeof(Math<T>));
  }

  T* rows;                         // [M, Kp] queries
  T* q;                            // packed [Kp, M]
  Math<T>* scores;                 // [keys, M]
  T* weights;                      // packed [keys, M]
  Math<T>* largest;                // [M] score so far
  Math<T>* sum;                    // [M] of exp(scale (score - largest))
  Math<T>* output;                 // [Kp, M], to be divided by sum
  const Math<T>* limit = nullptr;  // [M]
  int64_t M = 0, Kp = 0;
  Math<T> scale = 0;
};

// The rows at `lane` and a block of `keys` keys that begins at key `first`.
template <typename T>
REKA_INLINE void soften_lanes(const State<T>& s, int64_t lane, int64_t first, int64_t keys) {
  using M = Math<T>;
  const auto limit = load_lanes(s.limit + lane) - static_cast<M>(first);
  const auto before = load_lanes(s.largest + lane);
  auto largest = before;
  const auto* scores = s.scores + lane;
  for (int64_t j = 0; j < keys; ++j) {
    const auto score = load_lanes(scores + j * s.M);
    const auto seen = static_cast<M>(j) < limit ? score : largest;
    largest = seen > largest ? seen : largest;
  }
  const auto shrink = exponential((before - largest) * s.scale);
  const auto top = largest * s.scale;
  auto sum = load_lanes(s.sum + lane) * shrink;
  for (int64_t j = 0; j < keys; j += 2) {
    const auto key = static_cast<M>(j);
    const auto a = exponential(load_lanes(scores + j * s.M) * s.scale - top);
    const auto b = exponential(load_lanes(scores + (j + 1) * s.M) * s.scale - top);
    const auto seen_a = key < limit ? a : Lanes<M>{};
    const auto seen_b = key + 1 < limit ? b : Lanes<M>{};
    sum += seen_a + seen_b;
    put_pair<T>(s.weights, s.M, j, lane, seen_a, seen_b);
  }
  store_lanes(s.largest + lane, largest);
  store_lanes(s.sum + lane, sum);
  if (first == 0) return;
  for (int64_t k = 0; k < s.Kp; ++k) {
    auto* output = s.output + k * s.M + lane;
    store_lanes(output, load_lanes(output) * shrink);
  }
}

template <typename T>
REKA_SIMD void soften(const State<T>& s, int64_t first, int64_t keys) {
  for (int64_t lane = 0; lane < s.M; lane += kLanes<Math<T>>) soften_lanes(s, lane, first, keys);
}

template <typename T>
REKA_SIMD void divide_by_sum(const State<T>& s) {
  for (int64_t i = 0; i < s.M; ++i) s.sum[i] = s.sum[i] > 0 ? 1 / s.sum[i] : 0;
  for (int64_t k = 0; k < s.Kp; ++k) {
#pragma omp simd
    for (int64_t i = 0; i < s.M; ++i) s.output[k * s.M + i] *= s.sum[i];
  }
}

template <typename T>
struct Forward {
  const Tensor& q;
  const Tensor& output;
  const Tensor& log_sum;  // [tokens, heads]
  const AttentionShape& shape;
  const T* key_rows;
  const T* value_columns;

  void block(const RowBlock<Math<T>>& rows, int64_t c) const {
    State<T> s(Scratch::of_this_thread(State<T>::bytes(shape)), shape);
    const auto head = c * shape.group;
    s.limit = rows.limit.data();
    s.M = rows.M;
    s.Kp = shape.Kp;
    s.scale = static_cast<Math<T>>(shape.scale);
    std::fill_n(s.largest, s.M, Math<T>(kLowest));
    std::fill_n(s.sum, s.M, Math<T>(0));
    copy_rows<T>({.data = q.const_data_ptr<T>() + rows.first_token * q.stride(0) + head * shape.K,
                  .token_stride = q.stride(0),
                  .group = shape.group,
                  .K = shape.K,
                  .rows = rows.rows},
                 s.M, s.Kp, s.rows);
    pack_columns(s.rows, s.M, s.Kp, s.q);
    if (rows.seen == 0) std::fill_n(s.output, s.M * s.Kp, Math<T>(0));
    over_keys(s, rows, c);
    finish(s, rows, head);
  }

  void over_keys(const State<T>& s, const RowBlock<Math<T>>& rows, int64_t c) const {
    const auto copy = shape.copy_at(rows.document, c);
    const auto panel = shape.panel(rows.document);
    for (int64_t j = 0, keys = 0; j < rows.seen; j += keys) {
      keys = next_keys(rows.seen - j);
      product({.m = keys, .n = s.M, .k = s.Kp, .stride_a = s.Kp, .stride_c = s.M, .add = false},
              key_rows + copy + j * s.Kp, s.q, s.scores);
      soften(s, j, keys);
      const auto* values = value_columns + copy + j / panel * panel * s.Kp + j % panel;
      product({.m = s.Kp, .n = s.M, .k = keys, .stride_a = panel, .stride_c = s.M, .add = j > 0},
              values, s.weights, s.output);
    }
  }

  void finish(const State<T>& s, const RowBlock<Math<T>>& rows, int64_t head) const {
    auto* sums = log_sum.mutable_data_ptr<Math<T>>() + rows.first_token * shape.heads + head;
    for (int64_t r = 0; r < rows.rows; ++r) {
      sums[r / shape.group * shape.heads + r % shape.group] =
          s.sum[r] > 0 ? s.largest[r] * s.scale + std::log(s.sum[r]) : 0;
    }
    divide_by_sum(s);
    const auto stride = shape.heads * shape.K;
    write_rows<T>(
        {.data = output.mutable_data_ptr<T>() + rows.first_token * stride + head * shape.K,
         .token_stride = stride,
         .group = shape.group,
         .K = shape.K,
         .rows = rows.rows,
         .M = s.M},
        s.output, 1);
  }
};

// The blocks that see most keys first, so that threads end together.
template <typename M>
std::vector<RowBlock<M>> blocks_of(const AttentionShape& shape, const AttentionLayout& layout) {
  std::vector<RowBlock<M>> blocks;
  for (int64_t d = 0; d < layout.documents(); ++d) {
    for (int64_t b = 0; b < row_blocks(shape, layout, d); ++b) {
      blocks.emplace_back(shape, layout, d, b);
    }
  }
  std::stable_sort(blocks.begin(), blocks.end(), [](const RowBlock<M>& a, const RowBlock<M>& b) {
    return a.seen * a.M > b.seen * b.M;
  });
  return blocks;
}

template <typename T>
void forward(const Forward<T>& work, const AttentionLayout& layout) {
  const auto blocks = blocks_of<Math<T>>(work.shape, layout);
  const auto heads = work.shape.kv_heads;
  run_tasks(static_cast<int64_t>(blocks.size()) * heads,
            [&](int64_t i) { work.block(blocks[i / heads], i % heads); });
}

}  // namespace

Pair attention(const Tensor& q, const Tensor& k, const Tensor& v, const AttentionLayout& layout) {
  if (few_queries(layout)) return attention_few(q, k, v, layout);
  if (q.scalar_type() == at::kBFloat16 && !multiplies_bfloat16()) {
    const auto [y, sums] = attention(q.to(at::kFloat), k.to(at::kFloat), v.to(at::kFloat), layout);
    return {y.to(at::kBFloat16), sums};
  }
  const AttentionShape shape(q, k, layout);
  auto output = at::empty(q.sizes(), q.options());
  auto log_sum =
      at::empty({q.size(0), q.size(1)}, q.options().dtype(at::toOpMathType(q.scalar_type())));
  AT_DISPATCH_FLOATING_TYPES_AND(at::kBFloat16, q.scalar_type(), "attention", [&] {
    const auto keys = copy_by_rows<scalar_t>(k, shape, layout);
    const auto values = columns_of_rows<scalar_t>(copy_by_rows<scalar_t>(v, shape, layout), shape);
    forward<scalar_t>({.q = q,
                       .output = output,
                       .log_sum = log_sum,
                       .shape = shape,
                       .key_rows = keys.template const_data_ptr<scalar_t>(),
                       .value_columns = values.template const_data_ptr<scalar_t>()},
                      layout);
  });
  return {output, log_sum};
}

}  // namespace reka::ops::cpu
