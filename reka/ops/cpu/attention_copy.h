#pragma once

#include <algorithm>

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>

#include "reka/ops/cpu/attention_shape.h"
#include "reka/ops/cpu/product.h"

// Copies of heads in the orders that products want.
namespace reka::ops::cpu {

/// Rows of K values that lie `group` at a time: row r is at token r / group, head r % group.
template <typename T>
struct HeadRows {
  const T* data;  // of the first token and head
  int64_t token_stride;
  int64_t group, K;
  int64_t rows;
};

/// -> out [padded_rows, Kp], padded with zeros.
template <typename T>
void copy_rows(const HeadRows<T>& in, int64_t padded_rows, int64_t Kp, T* out) {
  for (int64_t r = 0; r < in.rows; r += in.group) {
    const T* token = in.data + r / in.group * in.token_stride;
    for (int64_t h = 0; h < in.group; ++h, out += Kp) {
      std::copy_n(token + h * in.K, in.K, out);
      std::fill(out + in.K, out + Kp, T(0));
    }
  }
  std::fill_n(out, (padded_rows - in.rows) * Kp, T(0));
}

/// rows [n, Kp] -> panels of [Kp, panel] keys each.
template <typename T>
REKA_SIMD void columns_of(const T* rows, int64_t n, int64_t Kp, int64_t panel, T* out) {
  for (int64_t first = 0; first < n; first += panel, rows += panel * Kp, out += panel * Kp) {
    for (int64_t i = 0; i < Kp; ++i) {
      for (int64_t r = 0; r < panel; ++r) out[i * panel + r] = rows[r * Kp + i];
    }
  }
}

/// The values that are packed side by side, moved as one.
template <typename T>
struct PackedWord {
  using type [[gnu::may_alias]] = T;
};
template <>
struct PackedWord<c10::BFloat16> {
  using type [[gnu::may_alias]] = uint32_t;
};

/// rows [n, Kp] -> packed [Kp, n]: the right factor of a product over Kp.
template <typename T>
REKA_SIMD void pack_columns(const T* rows, int64_t n, int64_t Kp, T* out) {
  using Word = typename PackedWord<T>::type;
  const auto* in = reinterpret_cast<const Word*>(rows);
  auto* words = reinterpret_cast<Word*>(out);
  const auto width = Kp / kPack<T>;
  for (int64_t i = 0; i < width; ++i) {
    for (int64_t r = 0; r < n; ++r) words[i * n + r] = in[r * width + i];
  }
}

/// rows [n, Kp] -> packed [n, Kp]: the right factor of a product over n.
template <typename T>
REKA_SIMD void pack_rows(const T* rows, int64_t n, int64_t Kp, T* out) {
  for (int64_t r = 0; r < n; r += kPack<T>) {
    for (int64_t i = 0; i < Kp; ++i) {
      for (int64_t p = 0; p < kPack<T>; ++p) {
        out[r * Kp + i * kPack<T> + p] = rows[(r + p) * Kp + i];
      }
    }
  }
}

/// Puts the rows j and j + 1 of a right factor of n columns at the columns from `lane` on.
template <typename T>
REKA_INLINE void put_pair(T* packed, int64_t n, int64_t j, int64_t lane, Lanes<Math<T>> a,
                          Lanes<Math<T>> b) {
  if constexpr (kPack<T> == 2) {
    const auto words = rounded_bits(a) | rounded_bits(b) << 16;
    std::memcpy(packed + (j / 2 * n + lane) * 2, &words, sizeof(words));
  } else {
    store_lanes(packed + j * n + lane, a);
    store_lanes(packed + (j + 1) * n + lane, b);
  }
}

/// The transposed result [Kp, M] of a row block -> rows of K values, as HeadRows, times `factor`.
template <typename T>
struct ResultRows {
  T* data;
  int64_t token_stride;
  int64_t group, K;
  int64_t rows, M;
};

template <typename T>
REKA_SIMD void write_rows(const ResultRows<T>& out, const Math<T>* columns, Math<T> factor) {
  for (int64_t r = 0; r < out.rows; ++r) {
    T* row = out.data + r / out.group * out.token_stride + r % out.group * out.K;
    for (int64_t i = 0; i < out.K; ++i) store(row[i], columns[i * out.M + r] * factor);
  }
}

/// All documents and heads of keys or values x, by rows: see AttentionShape.
template <typename T>
at::Tensor copy_by_rows(const at::Tensor& x, const AttentionShape& shape,
                        const AttentionLayout& layout) {
  auto copy = at::empty({shape.copy_size()}, x.options());
  const auto* data = x.const_data_ptr<T>();
  auto* out = copy.template mutable_data_ptr<T>();
  run_tasks(layout.documents() * shape.kv_heads, [&](int64_t i) {
    const auto d = i / shape.kv_heads;
    const auto c = i % shape.kv_heads;
    copy_rows<T>({.data = data + layout.kv_starts[d] * x.stride(0) + c * shape.K,
                  .token_stride = x.stride(0),
                  .group = 1,
                  .K = shape.K,
                  .rows = layout.keys(d)},
                 shape.room[d], shape.Kp, out + shape.copy_at(d, c));
  });
  return copy;
}

/// The same turned into columns.
template <typename T>
at::Tensor columns_of_rows(const at::Tensor& rows, const AttentionShape& shape) {
  auto copy = at::empty_like(rows);
  const auto* data = rows.const_data_ptr<T>();
  auto* out = copy.template mutable_data_ptr<T>();
  const auto documents = static_cast<int64_t>(shape.room.size());
  run_tasks(documents * shape.kv_heads, [&](int64_t i) {
    const auto d = i / shape.kv_heads;
    const auto at = shape.copy_at(d, i % shape.kv_heads);
    columns_of<T>(data + at, shape.room[d], shape.Kp, shape.panel(d), out + at);
  });
  return copy;
}

}  // namespace reka::ops::cpu
