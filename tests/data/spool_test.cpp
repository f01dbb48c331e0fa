#include "data/corpus/spool.h"

#include <thread>

#include "reka/base/error.h"
#include "tests/support/catch.h"
#include "tests/support/temp_folder.h"

namespace reka::data {
namespace {

Document full_document(const std::string& id) {
  Document document;
  document.id = id;
  document.key = "key";
  document.source = "source";
  document.language = "zh-Hant";
  document.split = Split::kTest;
  document.whole = true;
  document.parts = {{.text = "文字"},
                    {.kind = Part::Kind::kMedia, .media = 0, .target = false},
                    {.kind = Part::Kind::kSpecial, .text = "<sep>"}};
  document.media = {{.modality = Modality::kVideo,
                     .bytes = std::string("\0\1\2", 3),
                     .geometry = {1, 2, 3, 4.5F},
                     .name = "clip"}};
  return document;
}

}  // namespace

TEST_CASE("spool: documents come back whole, from any thread and in any order", "[data][spool]") {
  const testing::TempFolder folder;
  Spool spool(folder.path() / "spool");
  std::vector<Spool::Chunk> chunks(8);
  std::vector<std::thread> threads;
  for (size_t n = 0; n < chunks.size(); ++n) {
    threads.emplace_back([&, n] {
      std::string bytes;
      pack_document(full_document(std::to_string(n)), bytes);
      pack_document(full_document("second"), bytes);
      chunks[n] = spool.write(bytes);
    });
  }
  for (auto& thread : threads) thread.join();
  for (size_t n = 0; n < chunks.size(); ++n) {
    const auto documents = unpack_documents(spool.read(chunks[n]));
    REQUIRE(documents.size() == 2);
    const auto& back = documents[0];
    const auto want = full_document(std::to_string(n));
    CHECK(back.id == want.id);
    CHECK(back.key == want.key);
    CHECK(back.source == want.source);
    CHECK(back.language == want.language);
    CHECK(back.split == want.split);
    CHECK(back.whole);
    REQUIRE(back.parts.size() == 3);
    CHECK(back.parts[0].text == "文字");
    CHECK(back.parts[0].target);
    CHECK(back.parts[1].kind == Part::Kind::kMedia);
    CHECK_FALSE(back.parts[1].target);
    CHECK(back.parts[2].text == "<sep>");
    REQUIRE(back.media.size() == 1);
    CHECK(back.media[0].bytes == want.media[0].bytes);
    CHECK(back.media[0].geometry == want.media[0].geometry);
    CHECK(back.media[0].name == "clip");
  }
}

TEST_CASE("spool: what an earlier one wrote is there up to the given end, damage is seen",
          "[data][spool]") {
  const testing::TempFolder folder;
  const auto path = folder.path() / "spool";
  std::string bytes;
  pack_document(full_document("a"), bytes);
  Spool::Chunk first, second;
  {
    Spool spool(path);
    first = spool.write(bytes);
    second = spool.write(bytes);
  }
  Spool spool(path, first.end());
  CHECK(spool.holds(first));
  CHECK_FALSE(spool.holds(second));
  CHECK(unpack_documents(spool.read(first))[0].id == "a");
  CHECK(spool.write(bytes).offset == first.end());
  CHECK(spool.holds(second));
  auto other = first;
  other.offset += 1;
  CHECK_FALSE(spool.holds(other));
}

TEST_CASE("spool: a folder that cannot be written is named", "[data][spool]") {
  CHECK_THROWS_WITH(Spool("/proc/nothing/spool"), Catch::StartsWith("/proc/nothing/spool: "));
}

TEST_CASE("spool: the ranks of a build read each other's files", "[data][spool]") {
  const testing::TempFolder folder;
  SharedSpool first(folder.path(), "documents", 0), second(folder.path(), "documents", 1);
  const auto a = first.write("one"), b = second.write("two");
  CHECK(first.read(a) == "one");
  CHECK(first.read(b) == "two");
  CHECK(second.read(a) == "one");
  CHECK(first.holds(b));
  CHECK_FALSE(first.holds({.rank = 7, .chunk = a.chunk}));
  CHECK_THROWS_WITH(first.read({.rank = 7, .chunk = a.chunk}), Catch::Contains("documents-7: "));
}

}  // namespace reka::data
