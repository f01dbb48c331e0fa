#include "data/corpus/journal.h"

#include <thread>
#include <vector>

#include "reka/base/error.h"
#include "reka/base/files.h"
#include "tests/support/catch.h"
#include "tests/support/temp_folder.h"

namespace reka::data {

using testing::TempFolder;

TEST_CASE("journal: records are there for the next process, by number", "[data][journal]") {
  const TempFolder folder;
  const auto path = folder.path() / "journal";
  {
    Journal journal(path, 1);
    std::vector<std::thread> threads;
    for (uint64_t n = 0; n < 8; ++n) {
      threads.emplace_back([&, n] { journal.append(n, "record " + std::to_string(n)); });
    }
    for (auto& thread : threads) thread.join();
    journal.append(3, "");
    CHECK(journal.size() == 8);
    CHECK(journal.find(5) == "record 5");
  }
  Journal journal(path, 1);
  CHECK(journal.size() == 8);
  for (uint64_t n = 0; n < 8; ++n) {
    CHECK(journal.find(n) == (n == 3 ? "" : "record " + std::to_string(n)));
  }
  CHECK_FALSE(journal.find(8));
  journal.append(8, "one more");
  CHECK(Journal(path, 1).find(8) == "one more");
}

TEST_CASE("journal: cut anywhere, the whole records before the cut are there and it goes on",
          "[data][journal]") {
  const TempFolder folder;
  const auto path = folder.path() / "journal";
  {
    Journal journal(path, 1);
    journal.append(0, "zero");
    journal.append(1, std::string(100, '1'));
  }
  const auto whole = read_file(path);
  size_t before = 0;
  for (size_t bytes = 0; bytes <= whole.size(); ++bytes) {
    folder.write("journal", whole.substr(0, bytes));
    Journal journal(path, 1);
    CHECK(journal.size() >= before);
    before = journal.size();
    if (journal.find(0)) CHECK(journal.find(0) == "zero");
    if (journal.find(1)) CHECK(journal.find(1) == std::string(100, '1'));
    journal.append(2, "two");
    CHECK(Journal(path, 1).find(2) == "two");
  }
  CHECK(before == 2);
}

TEST_CASE("journal: a flipped byte drops its record and those behind it, never gives another",
          "[data][journal]") {
  const TempFolder folder;
  const auto path = folder.path() / "journal";
  {
    Journal journal(path, 1);
    journal.append(0, "zero");
    journal.append(1, "one");
  }
  const auto whole = read_file(path);
  for (size_t at = 0; at < whole.size(); ++at) {
    auto flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ 1);
    folder.write("journal", flipped);
    const Journal journal(path, 1);
    CHECK(journal.size() < 2);
    if (journal.size() == 1) CHECK(journal.find(0) == "zero");
  }
}

TEST_CASE("journal: one of another version is begun anew", "[data][journal]") {
  const TempFolder folder;
  const auto path = folder.path() / "journal";
  Journal(path, 1).append(0, "zero");
  CHECK(Journal(path, 2).size() == 0);
  CHECK(Journal(path, 1).size() == 0);
  CHECK_THROWS_AS(Journal("/proc/nothing", 1), DataError);
}

TEST_CASE("journal: the ranks of a build find what any of them has finished", "[data][journal]") {
  const TempFolder folder;
  SharedJournal(folder.path(), "units", 2, 1).append(5, "of a larger build");
  SharedJournal first(folder.path(), "units", 0, 1), second(folder.path(), "units", 1, 1);
  second.append(1, "one");
  first.append(0, "zero");
  first.read_others();
  CHECK(first.size() == 3);
  CHECK(first.find(0) == "zero");
  CHECK(first.find(1) == "one");
  CHECK(first.find(5) == "of a larger build");
  CHECK_FALSE(first.find(2));
  second.append(2, "later");
  CHECK_FALSE(first.find(2));
  const auto before = std::filesystem::file_size(folder.path() / "units-1");
  std::filesystem::resize_file(folder.path() / "units-1", before - 2);
  SharedJournal again(folder.path(), "units", 0, 1);
  again.read_others();
  CHECK(again.find(1) == "one");
  CHECK_FALSE(again.find(2));  // half written: another's file is left as it is
  CHECK(std::filesystem::file_size(folder.path() / "units-1") == before - 2);
}

}  // namespace reka::data
