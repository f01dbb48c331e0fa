#include "data/corpus/kept_passes.h"

#include <atomic>
#include <string>
#include <tuple>
#include <vector>

#include <fmt/format.h>

#include "reka/base/error.h"
#include "reka/base/files.h"
#include "tests/support/catch.h"
#include "tests/support/temp_folder.h"

namespace reka::data {
namespace {

constexpr size_t kCount = 60;

struct Made {
  SharedSpool::Place spooled;
  std::string text;

  static auto members(auto& self) { return std::tie(self.spooled, self.text); }
};

struct Outcome {
  std::vector<std::string> lines;
  size_t works = 0;
};

// Two passes of one name and one of another.
Outcome run_passes(const std::filesystem::path& folder, uint64_t version, size_t fails_at = kCount,
                   size_t threads = 3) {
  Outcome outcome;
  std::atomic<size_t> works = 0;
  KeptPasses passes(folder, version, threads);
  for (const std::string name : {"a pass", "a pass", "other"}) {
    const auto work = [&](size_t n, SharedSpool& spool) {
      if (name == "other" && n == fails_at) throw DataError("no space left");
      ++works;
      return Made{spool.write(fmt::format("spooled {}", n)), fmt::format("{} {}", name, n)};
    };
    const auto use = [&](size_t n, Made&& made, const SharedSpool& spool) {
      outcome.lines.push_back(fmt::format("{}: {}, {}", n, made.text, spool.read(made.spooled)));
    };
    passes.run<Made>(name, kCount, work, use);
  }
  outcome.works = works;
  return outcome;
}

}  // namespace

TEST_CASE("kept passes: what was done before an error is not done again", "[data][kept_passes]") {
  const testing::TempFolder whole, broken;
  const auto want = run_passes(whole.path(), 7);
  CHECK(want.works == 3 * kCount);
  REQUIRE(want.lines.size() == 3 * kCount);
  CHECK(want.lines[kCount + 2] == "2: a pass 2, spooled 2");
  CHECK(want.lines.back() == "59: other 59, spooled 59");
  for (const size_t n : {0, 30})
    CHECK_THROWS_WITH(run_passes(broken.path(), 7, n), "no space left");
  const auto rest = run_passes(broken.path(), 7, kCount, 1);
  CHECK(rest.works <= kCount - 30);
  CHECK(rest.lines == want.lines);
  CHECK(run_passes(broken.path(), 7).works == 0);
}

TEST_CASE("kept passes: results of another version are removed", "[data][kept_passes]") {
  const testing::TempFolder folder;
  run_passes(folder.path(), 7);
  const auto other = run_passes(folder.path(), 8);
  CHECK(other.works == 3 * kCount);
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE("kept passes: damage is found and done again", "[data][kept_passes]") {
  const testing::TempFolder folder;
  const auto want = run_passes(folder.path(), 7);
  for (const std::string name : {"done-other-0-0", "results-other-0-0", "results-a-pass-1-0"}) {
    INFO(name);
    std::filesystem::path path;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
      path = entry.path() / name;
    auto bytes = read_file(path);
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 4);
    write_file_atomic(path, bytes);
    const auto again = run_passes(folder.path(), 7);
    CHECK(again.works > 0);
    CHECK(again.works < kCount);
    CHECK(again.lines == want.lines);
    CHECK(run_passes(folder.path(), 7).works == 0);
  }
}

}  // namespace reka::data
