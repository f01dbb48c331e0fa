#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace reka::data {

/// Items laid into rows: row r holds items[begin[r]] ... items[begin[r + 1] - 1], ascending.
struct Packing {
  std::vector<uint32_t> begin{0};
  std::vector<uint32_t> items;

  int64_t num_rows() const { return static_cast<int64_t>(begin.size()) - 1; }
  std::span<const uint32_t> row(int64_t r) const {
    const auto from = begin[static_cast<size_t>(r)];
    return std::span(items).subspan(from, begin[static_cast<size_t>(r) + 1] - from);
  }
};

/// Best-fit decreasing: the longest item first, each into the row with the least space that holds
/// it; at most 11/9 of the fewest rows (+ 2/3). The number of rows depends on the lengths alone,
/// not on their order. lengths [items] in [1, row_tokens].
Packing pack(std::span<const int32_t> lengths, int64_t row_tokens);

}  // namespace reka::data
