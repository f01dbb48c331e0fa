#pragma once

#include <cstdint>

#include "data/corpus/near_duplicates.h"
#include "data/corpus/workspace.h"
#include "reka/base/json.h"

namespace reka::data::bench {

/// What it takes to cluster so many documents from their signatures.
struct ScaleResult {
  int64_t documents = 0;
  int64_t clusters = 0;  // of two or more
  int64_t dropped = 0;
  double generate_seconds = 0;  // signatures made up, one document in ten like an earlier one
  double write_seconds = 0;     // bands hashed and brought to their partitions
  double join_seconds = 0;      // partitions sorted, documents joined
  int64_t disk_bytes = 0;
  int64_t passes = 0;
  int64_t peak_memory_bytes = 0;  // of the program

  Json json() const;
};

ScaleResult measure_scale(int64_t documents, const NearDuplicateConfig& config,
                          const Workspace& space);

/// The same for so many documents without doing it, at the rate of a run that was measured.
struct ScalePlan {
  int64_t documents = 0;
  int64_t disk_bytes = 0;  // at once
  int64_t passes = 0;
  int64_t memory_bytes = 0;  // for bands and clusters
  double hours = 0;          // one thread, without signing

  Json json() const;
};

ScalePlan plan_scale(int64_t documents, const NearDuplicateConfig& config, const Workspace& space,
                     const ScaleResult& measured);

}  // namespace reka::data::bench
