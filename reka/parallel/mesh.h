#pragma once

#include <cstdint>
#include <optional>

#include "reka/base/config.h"

namespace reka {

/// How the processes of a job share the work: named axes, outermost first. What is left after
/// context and tensor repeats the model on other rows.
struct MeshConfig {
  std::optional<int64_t> replicate;
  Choice shard{"none", {"none", "optimizer", "gradients", "parameters"}};
  int64_t context = 1;
  int64_t tensor = 1;
  int64_t timeout_seconds = 600;

  void describe(auto& field) {
    field("replicate", replicate, "copies of the model, each with its own rows; default: all ranks",
          positive);
    field("shard", shard, "what the ranks with the same weights keep only a part of each");
    field("context", context, "ranks that share the tokens of one row", positive);
    field("tensor", tensor, "ranks that share each matrix", positive);
    field("timeout_seconds", timeout_seconds, "how long a rank waits for the others", positive);
    field.rule("shard", shard == "none", "must be none: this version repeats the whole model");
    field.rule("context", context == 1, "must be 1: this version keeps each row on one rank");
    field.rule("tensor", tensor == 1, "must be 1: this version keeps each matrix on one rank");
  }
};

/// Throws ConfigError when the mesh does not fit the number of processes.
void check_mesh(const MeshConfig& mesh, int64_t world_size);

}  // namespace reka
