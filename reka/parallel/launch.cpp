#include "reka/parallel/launch.h"

#include <charconv>
#include <cstdlib>
#include <limits>

#include "reka/base/error.h"

namespace reka {
namespace {

constexpr int64_t kFirstPort = 20000;  // Slurm: port = kFirstPort + job id modulo kPorts
constexpr int64_t kPorts = 20000;
constexpr int64_t kDefaultPort = 29500;  // as torchrun
constexpr int64_t kMostRanks = std::numeric_limits<int32_t>::max();

/// A whole number in [low, high] out of the environment.
class Numbers {
 public:
  explicit Numbers(const Environment& environment) : environment_(environment) {}

  bool has(const char* name) const { return environment_(name).has_value(); }

  int64_t read(const char* name, int64_t low, int64_t high) const {
    const auto text = environment_(name);
    if (!text) throw ConfigError("environment: {}: not set: the launcher must set it", name);
    int64_t value = 0;
    const auto* end = text->data() + text->size();
    const auto [stop, error] = std::from_chars(text->data(), end, value);
    if (error != std::errc() || stop != end || value < low || value > high) {
      throw ConfigError("environment: {} = {}: must be a whole number from {} to {}", name, *text,
                        low, high);
    }
    return value;
  }

  int64_t read_or(const char* name, int64_t low, int64_t high, int64_t otherwise) const {
    return has(name) ? read(name, low, high) : otherwise;
  }

 private:
  const Environment& environment_;
};

struct Names {
  const char* rank;
  const char* world_size;
  const char* local_rank;
  const char* local_world_size;  // null: there is none (Slurm counts tasks per node of the job)
};

constexpr Names kTorchrun = {"RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE"};
constexpr Names kOpenMpi = {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE",
                            "OMPI_COMM_WORLD_LOCAL_RANK", "OMPI_COMM_WORLD_LOCAL_SIZE"};
constexpr Names kSlurm = {"SLURM_PROCID", "SLURM_NTASKS", "SLURM_LOCALID", nullptr};

bool is_loopback(const std::string& address) {
  return address == "localhost" || address == "::1" || address.starts_with("127.");
}

// Where the launcher says nothing of this machine (Kubeflow), the ranks share it if they meet on
// its loopback; otherwise each has one of its own.
Launch read_ranks(const Environment& environment, const Numbers& numbers, const Names& names) {
  Launch launch;
  launch.world_size = numbers.read(names.world_size, 1, kMostRanks);
  launch.rank = numbers.read(names.rank, 0, launch.world_size - 1);
  const auto together = is_loopback(environment("MASTER_ADDR").value_or(launch.address));
  launch.local_rank = numbers.read_or(names.local_rank, 0, kMostRanks, together ? launch.rank : 0);
  launch.local_world_size = together ? launch.world_size : 1;
  if (names.local_world_size != nullptr) {
    launch.local_world_size =
        numbers.read_or(names.local_world_size, 1, launch.world_size, launch.local_world_size);
  }
  return launch;
}

void read_meeting_place(const Environment& environment, const Numbers& numbers, Launch& launch) {
  if (launch.world_size == 1) return;
  const auto address = environment("MASTER_ADDR");
  if (address) launch.address = *address;
  if (!address && (launch.port == 0 || !launch.on_one_machine())) {
    throw ConfigError("environment: MASTER_ADDR: not set: must name the machine of rank 0");
  }
  launch.port = numbers.read_or("MASTER_PORT", 1, 65535, launch.port);
  if (launch.port == 0) {
    throw ConfigError("environment: MASTER_PORT: not set: must be a free port of MASTER_ADDR");
  }
}

Launch read_slurm(const Environment& environment, const Numbers& numbers) {
  auto launch = read_ranks(environment, numbers, kSlurm);
  const auto job = numbers.read_or("SLURM_JOB_ID", 0, std::numeric_limits<int64_t>::max(), 0);
  launch.port = numbers.read_or("MASTER_PORT", 1, 65535, kFirstPort + job % kPorts);
  const auto nodes = environment("SLURM_STEP_NODELIST");
  launch.local_world_size =
      numbers.read_or("SLURM_STEP_NUM_NODES", 1, kMostRanks, 1) == 1 ? launch.world_size : 1;
  if (const auto address = environment("MASTER_ADDR")) {
    launch.address = *address;
  } else if (!launch.on_one_machine()) {
    if (!nodes) throw ConfigError("environment: SLURM_STEP_NODELIST: not set: srun must set it");
    launch.address = first_host(*nodes);
  }
  return launch;
}

}  // namespace

std::optional<std::string> process_environment(const char* name) {
  const auto* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

std::string first_host(std::string_view node_list) {
  const auto comma = node_list.find(',');
  const auto open = node_list.find('[');
  if (open == std::string_view::npos || comma < open)
    return std::string(node_list.substr(0, comma));
  const auto first_end = node_list.find_first_of("-,]", open);
  const auto close = node_list.find(']', open);
  if (close == std::string_view::npos) return std::string(node_list);
  const auto rest = node_list.substr(close + 1);
  std::string host(node_list.substr(0, open));
  host += node_list.substr(open + 1, first_end - open - 1);
  host += rest.substr(0, rest.find(','));
  return host;
}

Launch read_launch(const Environment& environment) {
  const Numbers numbers(environment);
  Launch launch;
  if (numbers.has(kTorchrun.rank) || numbers.has(kTorchrun.world_size)) {
    launch = read_ranks(environment, numbers, kTorchrun);
    // torchrun and `reka launch` listen themselves, so that a lost rank 0 takes nothing with it.
    launch.store_runs = environment("TORCHELASTIC_USE_AGENT_STORE") == "True";
    launch.attempt = numbers.read_or("TORCHELASTIC_RESTART_COUNT", 0, kMostRanks, 0);
    read_meeting_place(environment, numbers, launch);
  } else if (numbers.has(kOpenMpi.rank)) {
    launch = read_ranks(environment, numbers, kOpenMpi);
    if (launch.on_one_machine()) launch.port = kDefaultPort;
    read_meeting_place(environment, numbers, launch);
  } else if (numbers.has("SLURM_STEP_ID") && numbers.has(kSlurm.rank)) {
    launch = read_slurm(environment, numbers);
  }
  return launch;
}

}  // namespace reka
