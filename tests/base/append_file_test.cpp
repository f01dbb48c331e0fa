#include "reka/base/append_file.h"

#include "reka/base/error.h"
#include "reka/base/files.h"
#include "tests/support/catch.h"
#include "tests/support/file_limit.h"
#include "tests/support/temp_folder.h"

using reka::testing::FileLimit;

TEST_CASE("append file: records go behind what is there", "[base][files]") {
  const reka::testing::TempFolder folder;
  const auto path = folder.write("log", "one\n");
  {
    reka::AppendFile file(path);
    file.append("two\n");
    CHECK(reka::read_file(path) == "one\ntwo\n");
    file.append("three\n");
  }
  CHECK(reka::read_file(path) == "one\ntwo\nthree\n");
  CHECK_THROWS_AS(reka::AppendFile(folder.path() / "none" / "log"), reka::DataError);
}

TEST_CASE("append file: on a full disk whole records stay, the others wait", "[base][files]") {
  const reka::testing::TempFolder folder;
  const auto path = folder.path() / "log";
  reka::AppendFile file(path);
  file.append("first\n");
  {
    const FileLimit full(10);
    file.append("second\n");  // 4 of its 7 bytes would fit
    file.append("third\n");
    CHECK(reka::read_file(path) == "first\n");
  }
  file.append("fourth\n");
  CHECK(reka::read_file(path) == "first\nsecond\nthird\nfourth\n");
}

TEST_CASE("append file: what waits at its end is tried once more", "[base][files]") {
  const reka::testing::TempFolder folder;
  const auto path = folder.path() / "log";
  {
    const FileLimit full(3);
    reka::AppendFile file(path);
    file.append("first\n");
  }
  CHECK(reka::read_file(path).empty());
  {
    reka::AppendFile file(path);
    {
      const FileLimit full(3);
      file.append("first\n");
    }
  }
  CHECK(reka::read_file(path) == "first\n");
}
