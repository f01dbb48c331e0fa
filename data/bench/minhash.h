#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/corpus/near_duplicates.h"
#include "data/corpus/workspace.h"
#include "reka/base/json.h"

namespace reka::data::bench {

/// How fast texts are signed and clustered by one thread, without reading them: medians of
/// `repeats`, in documents and bytes per second of processor time.
struct MinHashResult {
  int64_t documents = 0;
  int64_t text_bytes = 0;
  int64_t shingles = 0;
  double shingle_seconds = 0;  // of sign_seconds: texts cut and their pieces hashed
  double sign_seconds = 0;
  double cluster_seconds = 0;
  std::vector<uint32_t> first_of;  // of each document: the first of its cluster

  Json json() const;
};

MinHashResult measure_minhash(const std::vector<std::string>& texts,
                              const NearDuplicateConfig& config, int64_t repeats,
                              const Workspace& space);

}  // namespace reka::data::bench
