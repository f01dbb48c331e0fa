#include "reka/parallel/launch.h"

#include <map>

#include "reka/base/error.h"
#include "tests/support/catch.h"

namespace {

reka::Launch read(std::map<std::string, std::string> variables) {
  return reka::read_launch([&](const char* name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  });
}

}  // namespace

TEST_CASE("launch: without variables the job is one process", "[parallel][launch]") {
  const auto launch = read({});
  CHECK(launch.world_size == 1);
  CHECK(launch.rank == 0);
}

TEST_CASE("launch: torchrun's variables say rank, place and who listens", "[parallel][launch]") {
  const auto launch = read({{"RANK", "3"},
                            {"WORLD_SIZE", "4"},
                            {"LOCAL_RANK", "1"},
                            {"LOCAL_WORLD_SIZE", "2"},
                            {"MASTER_ADDR", "node7"},
                            {"MASTER_PORT", "29400"},
                            {"TORCHELASTIC_RESTART_COUNT", "2"},
                            {"TORCHELASTIC_USE_AGENT_STORE", "True"}});
  CHECK(launch.rank == 3);
  CHECK(launch.local_rank == 1);
  CHECK(launch.address == "node7");
  CHECK(launch.port == 29400);
  CHECK(launch.store_runs);
  CHECK(launch.attempt == 2);
  CHECK_FALSE(launch.on_one_machine());
}

TEST_CASE("launch: without local numbers the address says whether ranks share a machine",
          "[parallel][launch]") {
  std::map<std::string, std::string> variables = {
      {"RANK", "1"}, {"WORLD_SIZE", "2"}, {"MASTER_ADDR", "job-master-0"}, {"MASTER_PORT", "1"}};
  const auto apart = read(variables);
  CHECK_FALSE(apart.on_one_machine());
  CHECK(apart.local_rank == 0);
  variables["RANK"] = "0";
  variables.emplace("LOCAL_RANK", "0");
  CHECK_FALSE(read(variables).on_one_machine());
  variables.erase("LOCAL_RANK");
  for (const std::string address : {"localhost", "127.0.0.1"}) {
    variables["MASTER_ADDR"] = address;
    variables["RANK"] = "1";
    const auto together = read(variables);
    CHECK(together.on_one_machine());
    CHECK(together.local_rank == 1);
  }
}

TEST_CASE("launch: Open MPI on one machine needs no address", "[parallel][launch]") {
  const auto launch = read({{"OMPI_COMM_WORLD_RANK", "1"},
                            {"OMPI_COMM_WORLD_SIZE", "2"},
                            {"OMPI_COMM_WORLD_LOCAL_RANK", "1"},
                            {"OMPI_COMM_WORLD_LOCAL_SIZE", "2"}});
  CHECK(launch.on_one_machine());
  CHECK(launch.address == "127.0.0.1");
  CHECK(launch.port > 0);
}

TEST_CASE("launch: a Slurm step meets on its first node, a batch script is one process",
          "[parallel][launch]") {
  std::map<std::string, std::string> variables = {
      {"SLURM_PROCID", "5"},  {"SLURM_NTASKS", "8"},         {"SLURM_LOCALID", "1"},
      {"SLURM_JOB_ID", "77"}, {"SLURM_STEP_NUM_NODES", "2"}, {"SLURM_STEP_NODELIST", "gpu[03-04]"}};
  CHECK(read(variables).world_size == 1);
  variables.emplace("SLURM_STEP_ID", "0");
  const auto launch = read(variables);
  CHECK(launch.rank == 5);
  CHECK(launch.world_size == 8);
  CHECK(launch.address == "gpu03");
  CHECK(launch.port == 20077);
  variables.emplace("SLURM_NTASKS_PER_NODE", "16");  // the job's, more than this step has
  CHECK(read(variables).world_size == 8);
}

TEST_CASE("launch: the first host of every form of node list", "[parallel][launch]") {
  CHECK(reka::first_host("a") == "a");
  CHECK(reka::first_host("a,b[1-2]") == "a");
  CHECK(reka::first_host("n[007-009,12],m") == "n007");
  CHECK(reka::first_host("n[5,7]") == "n5");
  CHECK(reka::first_host("n[5]-ib,m") == "n5-ib");
}

TEST_CASE("launch: a variable that is missing or wrong is named", "[parallel][launch]") {
  const auto message = [](const std::map<std::string, std::string>& variables) -> std::string {
    try {
      read(variables);
    } catch (const reka::ConfigError& error) {
      return error.what();
    }
    return "no error";
  };
  CHECK(message({{"RANK", "0"}}) == "environment: WORLD_SIZE: not set: the launcher must set it");
  CHECK(message({{"RANK", "2"}, {"WORLD_SIZE", "2"}}) ==
        "environment: RANK = 2: must be a whole number from 0 to 1");
  CHECK(message({{"RANK", "0"}, {"WORLD_SIZE", "two"}}) ==
        "environment: WORLD_SIZE = two: must be a whole number from 1 to 2147483647");
  CHECK(message({{"RANK", "0"}, {"WORLD_SIZE", "2"}}) ==
        "environment: MASTER_ADDR: not set: must name the machine of rank 0");
  CHECK(message({{"RANK", "0"}, {"WORLD_SIZE", "2"}, {"MASTER_ADDR", "a"}}) ==
        "environment: MASTER_PORT: not set: must be a free port of MASTER_ADDR");
}
