#include "reka/base/files.h"

#include <csignal>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "reka/base/error.h"
#include "tests/support/catch.h"
#include "tests/support/message.h"
#include "tests/support/temp_folder.h"

using namespace reka;
using reka::testing::message_of;
using reka::testing::TempFolder;

namespace {

namespace fs = std::filesystem;

size_t entries(const fs::path& folder) {
  return static_cast<size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

/// Runs `action` in a process of its own and returns how it ended (as waitpid says).
int in_process(const auto& action) {
  const auto child = ::fork();
  if (child == 0) {
    action();
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

/// Files of this process cannot grow beyond `bytes`: writing more fails as on a full disk.
void limit_file_bytes(rlim_t bytes) {
  ::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit{bytes, bytes};
  ::setrlimit(RLIMIT_FSIZE, &limit);
}

}  // namespace

TEST_CASE("files: a file is read whole, also one without a size", "[base][files]") {
  const TempFolder folder;
  const std::string text("a\0b\n", 4);
  CHECK(read_file(folder.write("a", text)) == text);
  CHECK(read_file(folder.write("empty", "")).empty());
  CHECK(read_file("/proc/self/status").starts_with("Name:"));
}

TEST_CASE("files: missing, folder and unreadable are one-line errors", "[base][files]") {
  const TempFolder folder;
  const auto missing = (folder.path() / "no").string();
  CHECK(message_of<DataError>([&] { read_file(missing); }) ==
        missing + ": cannot open: No such file or directory");
  CHECK(message_of<DataError>([&] { MappedFile file(missing); }) ==
        missing + ": cannot open: No such file or directory");
  CHECK(message_of<DataError>([&] { read_file(folder.path()); }) ==
        folder.path().string() + ": is a folder: must be a file");
  CHECK(message_of<DataError>([&] { MappedFile file(folder.path()); }) ==
        folder.path().string() + ": is a folder: must be a file");
}

TEST_CASE("files: a written file replaces the old one and leaves nothing beside", "[base][files]") {
  const TempFolder folder;
  const auto path = folder.path() / "deep" / "a.txt";
  write_file_atomic(path, "old");
  write_file_atomic(path, "new text");
  CHECK(read_file(path) == "new text");
  CHECK(entries(folder.path() / "deep") == 1);
}

TEST_CASE("files: without commit the old file stays", "[base][files]") {
  const TempFolder folder;
  const auto path = folder.write("a", "old");
  {
    AtomicFile file(path);
    file.write("new");
    CHECK(file.size() == 3);
    CHECK(read_file(path) == "old");
    CHECK(entries(folder.path()) == 2);
  }
  CHECK(read_file(path) == "old");
  CHECK(entries(folder.path()) == 1);
}

TEST_CASE("files: a full disk is an error that keeps the old file", "[base][files]") {
  const TempFolder folder;
  const auto path = folder.write("a", "old");
  const auto message_at = (folder.path() / "message").string();
  const auto status = in_process([&] {
    limit_file_bytes(65536);
    const auto message =
        message_of<DataError>([&] { write_file_atomic(path, std::string(1 << 20, 'x')); });
    write_file_atomic(message_at, message);
  });
  CHECK(status == 0);
  CHECK(read_file(message_at) == path.string() + ": cannot write: File too large");
  CHECK(read_file(path) == "old");
  CHECK(entries(folder.path()) == 2);
}

TEST_CASE("files: a process killed between write and commit leaves the old file", "[base][files]") {
  const TempFolder folder;
  const auto path = folder.write("a", "old");
  const auto status = in_process([&] {
    AtomicFile file(path);
    file.write("half");
    ::raise(SIGKILL);
  });
  CHECK(WTERMSIG(status) == SIGKILL);
  CHECK(read_file(path) == "old");
  REQUIRE(entries(folder.path()) == 2);
  for (const auto& entry : fs::directory_iterator(folder.path()))
    CHECK(is_temporary(entry.path()) == (entry.path() != path));
}

TEST_CASE("files: a folder takes its place whole, over an older one", "[base][files]") {
  const TempFolder folder;
  const auto place = folder.path() / "step-1";
  for (const std::string text : {"first", "second"}) {
    AtomicFolder filled(place);
    write_file_atomic(filled.path() / (text + ".txt"), text);
    fs::create_directory(filled.path() / "sub");
    write_file_atomic(filled.path() / "sub" / "b", "b");
    CHECK(is_temporary(filled.path()));
    filled.commit();
    CHECK(read_file(place / (text + ".txt")) == text);
  }
  CHECK_FALSE(fs::exists(place / "first.txt"));
  CHECK(entries(folder.path()) == 1);
  { const AtomicFolder dropped(folder.path() / "step-2/"); }
  CHECK(entries(folder.path()) == 1);
}

TEST_CASE("files: a link to a folder stays a link", "[base][files]") {
  const TempFolder folder;
  fs::create_directory(folder.path() / "real");
  fs::create_directory_symlink(folder.path() / "real", folder.path() / "link");
  AtomicFolder filled(folder.path() / "link");
  write_file_atomic(filled.path() / "a", "new");
  filled.commit();
  CHECK(fs::is_symlink(folder.path() / "link"));
  CHECK(read_file(folder.path() / "real" / "a") == "new");
}

TEST_CASE("files: a folder that cannot be replaced stays", "[base][files]") {
  const TempFolder folder;
  const auto place = folder.path() / "step-1";
  fs::create_directories(place / "inner");
  write_file_atomic(place / "a", "old");
  // No folder can take the place of the one that it lies in.
  CHECK_THROWS_AS(replace_folder(place / "inner", place), DataError);
  CHECK(read_file(place / "a") == "old");
  CHECK(fs::exists(place / "inner"));
  CHECK(entries(folder.path()) == 1);
}

TEST_CASE("files: a mapped file shows its bytes and moves", "[base][files]") {
  const TempFolder folder;
  MappedFile file(folder.write("a", "abc"));
  REQUIRE(file.size() == 3);
  MappedFile moved(std::move(file));
  CHECK(moved.bytes()[2] == std::byte('c'));
  file = MappedFile(folder.write("empty", ""));
  CHECK(file.bytes().empty());
  file = std::move(moved);
  CHECK(file.bytes()[0] == std::byte('a'));
}
