#include "data/batch/pack.h"

#include <algorithm>
#include <bit>
#include <numeric>

#include <c10/util/Exception.h>

namespace reka::data {
namespace {

/// Rows that still have space, by how much: the least space >= length is found in a bitmap.
class OpenRows {
 public:
  explicit OpenRows(int64_t row_tokens)
      : rows_(static_cast<size_t>(row_tokens) + 1), bits_(rows_.size() / 64 + 1) {}

  void add(size_t space, uint32_t row) {
    rows_[space].push_back(row);
    bits_[space / 64] |= uint64_t{1} << (space % 64);
  }

  /// The space that was least, or rows_.size() when no row holds `length`.
  size_t find(size_t length) const {
    auto word = length / 64;
    auto bits = bits_[word] & (~uint64_t{0} << (length % 64));
    while (bits == 0 && ++word < bits_.size()) bits = bits_[word];
    return bits == 0 ? rows_.size() : word * 64 + static_cast<size_t>(std::countr_zero(bits));
  }
  bool holds(size_t space) const { return space < rows_.size(); }

  uint32_t take(size_t space) {
    const auto row = rows_[space].back();
    rows_[space].pop_back();
    if (rows_[space].empty()) bits_[space / 64] &= ~(uint64_t{1} << (space % 64));
    return row;
  }

 private:
  std::vector<std::vector<uint32_t>> rows_;
  std::vector<uint64_t> bits_;
};

/// Items by falling length, equal ones in their order (counting sort).
std::vector<uint32_t> longest_first(std::span<const int32_t> lengths, int64_t row_tokens) {
  std::vector<uint32_t> place(static_cast<size_t>(row_tokens) + 2, 0);
  const auto rank = [&](int32_t length) { return static_cast<size_t>(row_tokens - length); };
  for (const auto length : lengths) ++place[rank(length) + 1];
  std::partial_sum(place.begin(), place.end(), place.begin());
  std::vector<uint32_t> order(lengths.size());
  for (uint32_t i = 0; i < lengths.size(); ++i) order[place[rank(lengths[i])]++] = i;
  return order;
}

}  // namespace

Packing pack(std::span<const int32_t> lengths, int64_t row_tokens) {
  for (const auto length : lengths)
    TORCH_CHECK(length > 0 && length <= row_tokens, "pack: a length of ", length, " in rows of ",
                row_tokens);
  OpenRows open(row_tokens);
  std::vector<uint32_t> row_of(lengths.size());
  uint32_t num_rows = 0;
  for (const auto item : longest_first(lengths, row_tokens)) {
    const auto length = static_cast<size_t>(lengths[item]);
    auto space = open.find(length);
    auto row = num_rows;
    if (open.holds(space)) {
      row = open.take(space);
    } else {
      space = static_cast<size_t>(row_tokens);
      ++num_rows;
    }
    row_of[item] = row;
    if (space > length) open.add(space - length, row);
  }
  Packing packing;
  packing.begin.assign(num_rows + 1, 0);
  packing.items.resize(lengths.size());
  for (const auto row : row_of) ++packing.begin[row + 1];
  std::partial_sum(packing.begin.begin(), packing.begin.end(), packing.begin.begin());
  auto next = packing.begin;
  for (uint32_t item = 0; item < lengths.size(); ++item) packing.items[next[row_of[item]]++] = item;
  return packing;
}

}  // namespace reka::data
