#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace reka::data {

/// Which source gives global row g, in closed form. The rows come in cycles of W = sum of the
/// weights (divided by their common divisor); in a cycle each source has exactly its weight, and
/// after any number of rows it is less than one row away from its share: unit jobs with release
/// floor((j-1) W / w) and deadline ceil(j W / w), the earliest deadline first (Baruah, Cohen,
/// Plaxton, Varvel 1996, "Proportionate progress").
class Mixture {
 public:
  /// weights >= 0, not all 0. Throws ConfigError when W exceeds a million.
  explicit Mixture(std::vector<int64_t> weights);

  struct Place {
    size_t source = 0;
    int64_t index = 0;  // which row of the source
  };
  Place locate(int64_t row) const;
  /// Rows of `source` among the first `rows`.
  int64_t count(size_t source, int64_t rows) const;
  /// The row that is row `index` of a source with a weight: locate() the other way.
  int64_t row_of(size_t source, int64_t index) const;

 private:
  std::vector<int64_t> weights_;
  std::vector<uint32_t> cycle_;               // [W] source
  std::vector<uint32_t> rank_;                // [W] which row of its source in the cycle
  std::vector<std::vector<uint32_t>> slots_;  // of each source in the cycle
};

}  // namespace reka::data
