#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace reka {

/// Which process of a job this one is.
struct Launch {
  int64_t rank = 0;
  int64_t world_size = 1;
  int64_t local_rank = 0;        // among the processes of this machine
  int64_t local_world_size = 1;  // processes of this machine
  std::string address = "127.0.0.1";
  int64_t port = 0;         // where the ranks meet
  bool store_runs = false;  // the launcher listens there already; otherwise rank 0 does
  int64_t attempt = 0;      // how often the launcher has restarted the job

  bool on_one_machine() const { return local_world_size == world_size; }
};

/// Looks up a variable of the environment.
using Environment = std::function<std::optional<std::string>(const char* name)>;

std::optional<std::string> process_environment(const char* name);

/// Reads, in this order, the variables of torchrun and `reka launch` (RANK, WORLD_SIZE, LOCAL_RANK,
/// MASTER_ADDR, MASTER_PORT, ...), of Open MPI (OMPI_COMM_WORLD_*) and of a Slurm step (SLURM_*);
/// with none of them the job is this process alone. MASTER_ADDR and MASTER_PORT win everywhere.
/// Throws ConfigError for a variable that is missing or wrong.
Launch read_launch(const Environment& environment = process_environment);

/// The first host of a Slurm node list: "node[003-007,12],other" is "node003".
std::string first_host(std::string_view node_list);

}  // namespace reka
