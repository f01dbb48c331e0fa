#include <algorithm>

#include <ATen/Dispatch.h>

#include "reka/ops/cpu/attention_copy.h"
#include "reka/ops/cpu/attention_shape.h"
#include "reka/ops/cpu/processor.h"
#include "reka/ops/kernels.h"

namespace reka::ops::cpu {
namespace {

/// What a thread holds of one row block, and of the keys of one document and head.
template <typename T>
struct State {
  State(Scratch& scratch, const AttentionShape& shape)
      : rows(scratch.take<T>(shape.most_rows * shape.Kp)),
        q_columns(scratch.take<T>(shape.most_rows * shape.Kp)),
        q_rows(scratch.take<T>(shape.most_rows * shape.Kp)),
        dy_columns(scratch.take<T>(shape.most_rows * shape.Kp)),
        dy_rows(scratch.take<T>(shape.most_rows * shape.Kp)),
        weights(scratch.take<T>(shape.most_rows * kMostKeys)),
        dscores(scratch.take<T>(shape.most_rows * kMostKeys)),
        dscores_packed(kPack<T> == 1 ? dscores : scratch.take<T>(shape.most_rows * kMostKeys)),
        scores(scratch.take<Math<T>>(shape.most_rows * kMostKeys)),
        dweights(scratch.take<Math<T>>(shape.most_rows * kMostKeys)),
        log_sum(scratch.take<Math<T>>(shape.most_rows)),
        along(scratch.take<Math<T>>(shape.most_rows)),
        dq(scratch.take<Math<T>>(shape.most_rows * shape.Kp)),
        dk(scratch.take<Math<T>>(shape.most_room * shape.Kp)),
        dv(scratch.take<Math<T>>(shape.most_room * shape.Kp)),
        Kp(shape.Kp),
        scale(static_cast<Math<T>>(shape.scale)) {}
  static int64_t bytes(const AttentionShape& shape) {
    const auto typed = shape.most_rows * (5 * shape.Kp + 3 * kMostKeys);
    const auto sums =
        shape.most_rows * (2 * kMostKeys + 2 + shape.Kp) + 2 * shape.most_room * shape.Kp;
    return typed * static_cast<int64_t>(sizeof(T)) + sums * static_cast<int64_t>(sizeof(Math<T>));
  }

  T* rows;                         // [M, Kp]
  T *q_columns, *q_rows;           // packed [Kp, M] and [M, Kp]
  T *dy_columns, *dy_rows;         // of the output's gradient
  T *weights, *dscores;            // [keys, M]
  T* dscores_packed;               // packed [keys, M]
  Math<T>*scores, *dweights;       // [keys, M]
  Math<T>*log_sum, *along;         // [M]; along = sum of dy y
  Math<T>* dq;                     // [Kp, M]
  Math<T>*dk, *dv;                 // [keys, Kp]
  const Math<T>* limit = nullptr;  // [M]
  int64_t M = 0, Kp;
  Math<T> scale;
};

// weights = exp(scale scores - log_sum) where seen; dscores = weights (dweights - along).
template <typename T>
REKA_SIMD void differentiate(const State<T>& s, int64_t first, int64_t keys) {
  using M = Math<T>;
  for (int64_t lane = 0; lane < s.M; lane += kLanes<M>) {
    const auto log_sum = load_lanes(s.log_sum + lane);
    const auto along = load_lanes(s.along + lane);
    const auto limit = load_lanes(s.limit + lane) - static_cast<M>(first);
    for (int64_t j = 0; j < keys; j += 2) {
      const auto at = j * s.M + lane;
      const auto next = at + s.M;
      const auto key = static_cast<M>(j);
      const auto a = exponential(load_lanes(s.scores + at) * s.scale - log_sum);
      const auto b = exponential(load_lanes(s.scores + next) * s.scale - log_sum);
      const auto seen_a = key < limit ? a : Lanes<M>{};
      const auto seen_b = key + 1 < limit ? b : Lanes<M>{};
      const auto da = seen_a * (load_lanes(s.dweights + at) - along);
      const auto db = seen_b * (load_lanes(s.dweights + next) - along);
      store_lanes(s.weights + at, seen_a);
      store_lanes(s.weights + next, seen_b);
      store_lanes(s.dscores + at, da);
      store_lanes(s.dscores + next, db);
      if constexpr (kPack<T> == 2) put_pair<T>(s.dscores_packed, s.M, j, lane, da, db);
    }
  }
}

template <typename T>
REKA_SIMD void sum_along(const HeadRows<T>& y, const HeadRows<T>& dy, Math<T>* along) {
  for (int64_t r = 0; r < y.rows; ++r) {
    const auto at = r / y.group * y.token_stride + r % y.group * y.K;
    Math<T> sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t i = 0; i < y.K; ++i) sum += load(y.data[at + i]) * load(dy.data[at + i]);
    along[r] = sum;
  }
}

template <typename T>
REKA_SIMD void write_keys(const Math<T>* sums, int64_t keys, int64_t Kp, Math<T> factor,
                          const ResultRows<T>& out) {
  for (int64_t j = 0; j < keys; ++j) {
#pragma omp simd
    for (int64_t i = 0; i < out.K; ++i) {
      store(out.data[j * out.token_stride + i], sums[j * Kp + i] * factor);
    }
  }
}

template <typename T>
struct Backward {
  const AttentionGrad& grad;
  const AttentionShape& shape;
  const AttentionLayout& layout;
  const T *key_rows, *key_columns, *value_rows;

  HeadRows<T> rows_of(const Tensor& x, const RowBlock<Math<T>>& rows, int64_t c) const {
    return {
        .data = x.const_data_ptr<T>() + rows.first_token * x.stride(0) + c * shape.group * shape.K,
        .token_stride = x.stride(0),
        .group = shape.group,
        .K = shape.K,
        .rows = rows.rows};
  }

  // All that key head c of document d takes part in.
  void head(int64_t d, int64_t c) const {
    State<T> s(Scratch::of_this_thread(State<T>::bytes(shape)), shape);
    std::fill_n(s.dk, shape.room[d] * s.Kp, Math<T>(0));
    std::fill_n(s.dv, shape.room[d] * s.Kp, Math<T>(0));
    for (int64_t b = 0; b < row_blocks(shape, layout, d); ++b) {
      const RowBlock<Math<T>> rows(shape, layout, d, b);
      read(s, rows, c);
      over_keys(s, rows, c);
      const auto stride = grad.dq.stride(0);
      write_rows<T>({.data = grad.dq.mutable_data_ptr<T>() + rows.first_token * stride +
                             c * shape.group * shape.K,
                     .token_stride = stride,
                     .group = shape.group,
                     .K = shape.K,
                     .rows = rows.rows,
                     .M = s.M},
                    s.dq, s.scale);
    }
    write(s.dk, grad.dk, d, c, s.scale);
    write(s.dv, grad.dv, d, c, 1);
  }

  void read(State<T>& s, const RowBlock<Math<T>>& rows, int64_t c) const {
    s.M = rows.M;
    s.limit = rows.limit.data();
    copy_rows(rows_of(grad.q, rows, c), s.M, s.Kp, s.rows);
    pack_columns(s.rows, s.M, s.Kp, s.q_columns);
    pack_rows(s.rows, s.M, s.Kp, s.q_rows);
    const auto dy = rows_of(grad.doutput, rows, c);
    copy_rows(dy, s.M, s.Kp, s.rows);
    pack_columns(s.rows, s.M, s.Kp, s.dy_columns);
    pack_rows(s.rows, s.M, s.Kp, s.dy_rows);
    std::fill_n(s.along, s.M, Math<T>(0));
    std::fill_n(s.log_sum, s.M, Math<T>(0));
    sum_along(rows_of(grad.output, rows, c), dy, s.along);
    const auto* log_sum =
        grad.log_sum.const_data_ptr<Math<T>>() + rows.first_token * shape.heads + c * shape.group;
    for (int64_t r = 0; r < rows.rows; ++r) {
      s.log_sum[r] = log_sum[r / shape.group * shape.heads + r % shape.group];
    }
    if (rows.seen == 0) std::fill_n(s.dq, s.M * s.Kp, Math<T>(0));
  }

  void over_keys(const State<T>& s, const RowBlock<Math<T>>& rows, int64_t c) const {
    const auto copy = shape.copy_at(rows.document, c);
    const auto panel = shape.panel(rows.document);
    for (int64_t j = 0, keys = 0; j < rows.seen; j += keys) {
      keys = next_keys(rows.seen - j);
      const ProductShape to_scores{
          .m = keys, .n = s.M, .k = s.Kp, .stride_a = s.Kp, .stride_c = s.M, .add = false};
      product(to_scores, key_rows + copy + j * s.Kp, s.q_columns, s.scores);
      product(to_scores, value_rows + copy + j * s.Kp, s.dy_columns, s.dweights);
      differentiate(s, j, keys);
      const ProductShape to_keys{
          .m = keys, .n = s.Kp, .k = s.M, .stride_a = s.M, .stride_c = s.Kp, .add = true};
      product(to_keys, s.weights, s.dy_rows, s.dv + j * s.Kp);
      product(to_keys, s.dscores, s.q_rows, s.dk + j * s.Kp);
      const auto* columns = key_columns + copy + j / panel * panel * s.Kp + j % panel;
      product({.m = s.Kp, .n = s.M, .k = keys, .stride_a = panel, .stride_c = s.M, .add = j > 0},
              columns, s.dscores_packed, s.dq);
    }
  }

  void write(const Math<T>* sums, const Tensor& out, int64_t d, int64_t c, Math<T> factor) const {
    T* data = out.mutable_data_ptr<T>() + layout.kv_starts[d] * out.stride(0) + c * shape.K;
    write_keys<T>(sums, layout.keys(d), shape.Kp, factor,
                  {.data = data, .token_stride = out.stride(0), .K = shape.K});
  }
};

// Documents that cost most first, so that threads end together.
std::vector<int64_t> by_cost(const AttentionLayout& layout) {
  std::vector<int64_t> order;
  for (int64_t d = 0; d < layout.documents(); ++d) order.push_back(d);
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    return layout.queries(a) * layout.keys(a) > layout.queries(b) * layout.keys(b);
  });
  return order;
}

AttentionGrad in_fp32(const AttentionGrad& grad) {
  const auto fp32 = [](const Tensor& x) { return x.to(at::kFloat).contiguous(); };
  return {.doutput = fp32(grad.doutput),
          .output = fp32(grad.output),
          .log_sum = grad.log_sum,
          .q = fp32(grad.q),
          .k = fp32(grad.k),
          .v = fp32(grad.v),
          .dq = fp32(grad.dq),
          .dk = fp32(grad.dk),
          .dv = fp32(grad.dv)};
}

}  // namespace

void attention_backward(const AttentionGrad& grad, const AttentionLayout& layout) {
  if (grad.q.scalar_type() == at::kBFloat16 && !multiplies_bfloat16()) {
    const auto wide = in_fp32(grad);
    attention_backward(wide, layout);
    grad.dq.copy_(wide.dq);
    grad.dk.copy_(wide.dk);
    grad.dv.copy_(wide.dv);
    return;
  }
  const AttentionShape shape(grad.q, grad.k, layout);
  AT_DISPATCH_FLOATING_TYPES_AND(at::kBFloat16, grad.q.scalar_type(), "attention_backward", [&] {
    const auto keys = copy_by_rows<scalar_t>(grad.k, shape, layout);
    const auto columns = columns_of_rows<scalar_t>(keys, shape);
    const auto values = copy_by_rows<scalar_t>(grad.v, shape, layout);
    const Backward<scalar_t> work{.grad = grad,
                                  .shape = shape,
                                  .layout = layout,
                                  .key_rows = keys.template const_data_ptr<scalar_t>(),
                                  .key_columns = columns.template const_data_ptr<scalar_t>(),
                                  .value_rows = values.template const_data_ptr<scalar_t>()};
    const auto documents = by_cost(layout);
    const auto heads = shape.kv_heads;
    run_tasks(layout.documents() * heads,
              [&](int64_t i) { work.head(documents[i / heads], i % heads); });
  });
}

}  // namespace reka::ops::cpu
