#include "reka/parallel/supervise.h"

#include <csignal>
#include <filesystem>
#include <set>
#include <sstream>

#include <fcntl.h>
#include <unistd.h>

#include "reka/base/files.h"
#include "tests/support/catch.h"
#include "tests/support/temp_folder.h"

namespace {

/// Runs a shell script in `processes` ranks; what they print goes to files of the folder.
int run(const std::string& script, int64_t processes, int64_t restarts = 0) {
  return reka::supervise({{"/bin/sh", "-c", script}, processes, restarts});
}

/// What the ranks and the launcher write to stderr.
std::multiset<std::string> lines_of(const std::string& script, int64_t processes,
                                    int expected_code) {
  const reka::testing::TempFolder folder;
  const auto kept = dup(STDERR_FILENO);
  const auto file = open((folder.path() / "lines").c_str(), O_WRONLY | O_CREAT, 0600);
  dup2(file, STDERR_FILENO);
  const auto code = run(script, processes);
  dup2(kept, STDERR_FILENO);
  close(kept);
  close(file);
  CHECK(code == expected_code);
  std::istringstream lines(reka::read_file(folder.path() / "lines"));
  std::multiset<std::string> found;
  for (std::string line; std::getline(lines, line);) found.insert(line);
  return found;
}

}  // namespace

TEST_CASE("supervise: every rank has its number, the same port and its share of the cores",
          "[parallel][supervise]") {
  const reka::testing::TempFolder folder;
  const auto path = folder.path().string();
  CHECK(run("echo $WORLD_SIZE $LOCAL_RANK $MASTER_ADDR $MASTER_PORT ${OMP_NUM_THREADS:?} > " +
                path + "/$RANK",
            3) == 0);
  const auto first = reka::read_file(folder.path() / "0");
  CHECK(first.starts_with("3 0 127.0.0.1 "));
  CHECK(reka::read_file(folder.path() / "2").substr(4) == first.substr(4));
}

TEST_CASE("supervise: the first failure ends all and gives its exit code",
          "[parallel][supervise]") {
  CHECK(run("if [ $RANK = 1 ]; then exit 3; fi; exec sleep 60", 3) == 3);
  CHECK(run("if [ $RANK = 0 ]; then kill -KILL $$; fi; exec sleep 60", 2) == 1);
  CHECK(reka::supervise({{"/nowhere/program"}, 1, 0}) == 127);
}

TEST_CASE("supervise: a signal is passed on to all ranks", "[parallel][supervise]") {
  const reka::testing::TempFolder folder;
  const auto path = folder.path().string();
  const auto script = "trap 'echo ended > " + path + "/$RANK; exit 0' TERM; : > " + path +
                      "/ready$RANK; "
                      "if [ $RANK = 0 ]; then while [ ! -e " +
                      path +
                      "/ready1 ]; do sleep 0.01; done; "
                      "kill -TERM $PPID; fi; while :; do sleep 0.01; done";
  CHECK(run(script, 2) == 0);
  CHECK(reka::read_file(folder.path() / "0") == "ended\n");
  CHECK(reka::read_file(folder.path() / "1") == "ended\n");
}

TEST_CASE("supervise: ranks that end of a signal that was passed on have not failed",
          "[parallel][supervise]") {
  const reka::testing::TempFolder folder;
  const auto path = folder.path().string();
  // Rank 1 ends at once; rank 0 saves meanwhile, which a second signal would cut off.
  const auto script =
      "trap 'if [ $RANK = 0 ]; then while kill -0 $(cat " + path +
      "/pid) 2>/dev/null; do sleep 0.01; done; : > " + path +
      "/saved; fi; exit 143' TERM; if [ $RANK = 1 ]; then echo $$ > " + path + "/made; mv " + path +
      "/made " + path + "/pid; fi; if [ $RANK = 0 ]; then " + "while [ ! -e " + path +
      "/pid ]; do sleep 0.01; done; kill -TERM $PPID; fi; " + "while :; do sleep 0.01; done";
  CHECK(run(script, 2, 3) == 143);
  CHECK(std::filesystem::exists(folder.path() / "saved"));
  CHECK(run("if [ $RANK = 0 ]; then kill -INT $PPID; fi; exec sleep 60", 1) == 130);
}

TEST_CASE("supervise: an error that all ranks have is told once", "[parallel][supervise]") {
  const auto found = lines_of("echo rank $RANK >&2; echo reka: run.yaml: wrong >&2", 3, 0);
  CHECK(found.size() == 5);
  for (const auto* line : {"[0/3] rank 0", "[1/3] rank 1", "[2/3] rank 2",
                           "launch: 2 lines of other ranks were the same"}) {
    INFO(line);
    CHECK(found.contains(line));
  }
}

TEST_CASE("supervise: each line has its rank in front once", "[parallel][supervise]") {
  CHECK(lines_of("echo \"[$RANK/2] named\" >&2; echo plain >&2", 2, 0) ==
        std::multiset<std::string>{"[0/2] named", "[0/2] plain", "[1/2] named", "[1/2] plain"});
}

TEST_CASE("supervise: a restart starts all ranks again", "[parallel][supervise]") {
  const reka::testing::TempFolder folder;
  const auto path = folder.path().string();
  const auto script = "echo $TORCHELASTIC_RESTART_COUNT >> " + path +
                      "/$RANK; [ $TORCHELASTIC_RESTART_COUNT = 1 ] || exit 1";
  CHECK(run(script, 1, 1) == 0);
  CHECK(reka::read_file(folder.path() / "0") == "0\n1\n");
  CHECK(run("echo >> " + path + "/wrong; exit 2", 1, 3) == 2);
  CHECK(reka::read_file(folder.path() / "wrong") == "\n");
}

TEST_CASE("supervise: ends of ranks are seen where SIGCHLD comes in ignored",
          "[parallel][supervise]") {
  const auto before = std::signal(SIGCHLD, SIG_IGN);
  CHECK(run("exit 0", 2) == 0);
  CHECK(run("exit 3", 1) == 3);
  CHECK(std::signal(SIGCHLD, before) == SIG_IGN);
}

TEST_CASE("supervise: a full disk under its output loses lines, not the ranks",
          "[parallel][supervise]") {
  const auto kept = dup(STDERR_FILENO);
  const auto full = open("/dev/full", O_WRONLY);
  dup2(full, STDERR_FILENO);
  int code = -1;
  CHECK_NOTHROW(code = run("echo lost >&2; exit 3", 2));
  dup2(kept, STDERR_FILENO);
  close(kept);
  close(full);
  CHECK(code == 3);
}
