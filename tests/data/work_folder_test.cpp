#include "data/corpus/work_folder.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include "reka/base/error.h"
#include "tests/support/catch.h"
#include "tests/support/message.h"
#include "tests/support/temp_folder.h"

namespace reka::data {
namespace {

namespace fs = std::filesystem;
using testing::TempFolder;

std::vector<std::string> names(const fs::path& folder) {
  std::vector<std::string> all;
  for (const auto& entry : fs::directory_iterator(folder)) {
    all.push_back(entry.path().filename().string());
  }
  std::sort(all.begin(), all.end());
  return all;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("work folder: it stays until it is removed, and goes when it is empty",
          "[data][work_folder]") {
  const TempFolder folder;
  const auto corpus = folder.path() / "corpus";
  {
    const WorkFolder work(corpus, "a");
    CHECK(names(folder.path()) == Names{".corpus.lock", ".corpus.work-a"});
  }
  CHECK(names(folder.path()).empty());
  {
    const WorkFolder work(corpus, "a");
    folder.write(".corpus.work-a/state", "x");
  }
  CHECK(names(folder.path()) == Names{".corpus.work-a"});
  WorkFolder work(corpus, "a");
  CHECK(fs::exists(work.path() / "state"));
  work.remove();
  CHECK(names(folder.path()) == Names{".corpus.lock"});
}

TEST_CASE("work folder: that of another stamp is removed, that of another corpus is not",
          "[data][work_folder]") {
  const TempFolder folder;
  folder.write(".corpus.work-old/state", "x");
  folder.write(".corpus2.work-old/state", "x");
  const WorkFolder work(folder.path() / "corpus", "new");
  CHECK(names(folder.path()) == Names{".corpus.lock", ".corpus.work-new", ".corpus2.work-old"});
}

TEST_CASE("work folder: a second build is refused with the number of the first process",
          "[data][work_folder]") {
  const TempFolder folder;
  const auto corpus = folder.path() / "corpus";
  {
    const WorkFolder work(corpus, "a");
    CHECK(testing::message_of<DataError>([&] { WorkFolder(corpus, "a"); }) ==
          fmt::format("{}: is being built by process {}: must be one build at a time",
                      corpus.string(), getpid()));
    CHECK_THROWS_AS(WorkFolder(corpus, "b"), DataError);
    CHECK(fs::exists(work.path()));
  }
  const WorkFolder again(corpus, "a");
  CHECK(fs::exists(again.path()));
}

TEST_CASE("work folder: the lock of a process that was killed is free", "[data][work_folder]") {
  const TempFolder folder;
  const auto corpus = folder.path() / "corpus";
  const auto child = fork();
  if (child == 0) {
    const WorkFolder work(corpus, "a");
    kill(getpid(), SIGKILL);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  CHECK(names(folder.path()) == Names{".corpus.lock", ".corpus.work-a"});
  CHECK_NOTHROW(WorkFolder(corpus, "a"));
  CHECK(names(folder.path()).empty());
}

TEST_CASE("work folder: what is left beside a finished corpus is removed, not that of a build",
          "[data][work_folder]") {
  const TempFolder folder;
  const auto corpus = folder.path() / "corpus";
  remove_finished_work(corpus);
  folder.write(".corpus.work-a/state", "x");
  folder.write(".corpus.lock", "1");
  remove_finished_work(corpus);
  CHECK(names(folder.path()).empty());
  const WorkFolder work(corpus, "a");
  remove_finished_work(corpus);
  CHECK(names(folder.path()) == Names{".corpus.lock", ".corpus.work-a"});
}

TEST_CASE("work folder: a place that cannot be written is named", "[data][work_folder]") {
  CHECK_THROWS_WITH(WorkFolder("/proc/nothing/corpus", "a"),
                    Catch::StartsWith("/proc/nothing/.corpus.lock: "));
}

}  // namespace reka::data
