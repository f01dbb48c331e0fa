#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "reka/base/config.h"

namespace reka::data {

/// How often a document stands in an epoch, by how many were found to be alike (Origin::alike): the
/// size of a cluster tells of what is worth repeating and what is boilerplate, without a copy in
/// the shards. FineWeb-2: {1: 1, 2: 2, 3: 3, 5: 5, 100: 8, 1000: 1} (Penedo et al. 2025).
class ClusterRepeats {
 public:
  ClusterRepeats() = default;
  /// From so many alike on, so often; the keys ascending, see is_cluster_repeats.
  explicit ClusterRepeats(const Table<int64_t>& from);

  int64_t times(uint32_t alike) const;
  /// Names all of it; "" where every document stands once.
  std::string id() const;

 private:
  std::vector<std::pair<uint32_t, int64_t>> from_;
};

/// Whether the keys are ascending numbers from 1 on, and no value is below 1.
bool is_cluster_repeats(const Table<int64_t>& from);

}  // namespace reka::data
