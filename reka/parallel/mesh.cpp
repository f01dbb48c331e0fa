#include "reka/parallel/mesh.h"

#include "reka/base/error.h"

namespace reka {

void check_mesh(const MeshConfig& mesh, int64_t world_size) {
  const auto wanted = mesh.replicate.value_or(world_size) * mesh.context * mesh.tensor;
  if (wanted == world_size) return;
  throw ConfigError("parallel.replicate = {}: must be {}, the number of processes", *mesh.replicate,
                    world_size);
}

}  // namespace reka
