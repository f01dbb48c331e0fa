#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace reka {

/// The same command in several processes of this machine.
struct Job {
  std::vector<std::string> command;  // program and arguments
  int64_t processes = 1;
  int64_t restarts = 0;  // how often all are started anew after a failure that may pass: not for
                         // exit codes 2 (wrong config) and 127 (no such program)
};

/// Runs the job to its end and returns its exit code: 0, or that of the first rank that failed.
/// Every rank gets the environment of torchrun (see launch.h) and its share of the cores; the ranks
/// meet at a store in this process. Their lines appear with the rank in front: "[0/2] ". The first
/// failure is named and ends all; SIGINT and SIGTERM are passed on, a second one kills. Ranks that
/// end of a signal that was passed on (by it, or with 128 + its number) have not failed: the code
/// is then 128 + its number.
int supervise(const Job& job);

}  // namespace reka
