#pragma once

#include <cstdint>
#include <string>

#include "data/batch/loader.h"
#include "reka/base/json.h"

namespace reka::train {

/// Where a run stands, besides its tensors: all that a resumed run needs, the same on every rank
/// and for every number of ranks. There is no state of random generators: what is random is a
/// function of the seed and of these counters.
struct TrainState {
  int64_t step = 0;         // steps done, those that were skipped too
  int64_t tokens = 0;       // of their rows
  int64_t updates = 0;      // of the optimizer
  int64_t skipped = 0;      // steps whose gradients were not finite
  uint64_t order_hash = 0;  // of the samples seen, in order
  data::LoaderState loader;

  Json to_json() const;
  /// Throws DataError naming `place` and the key.
  static TrainState from_json(const Json& json, const std::string& place);
};

}  // namespace reka::train
