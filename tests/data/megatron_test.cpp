#include "data/corpus/megatron.h"

#include <cstring>

#include "data/corpus/megatron_index.h"
#include "data/corpus/token_text.h"
#include "reka/base/error.h"
#include "reka/base/files.h"
#include "tests/data/corpus.h"
#include "tests/data/tiny_tokenizer.h"
#include "tests/support/catch.h"
#include "tests/support/message.h"
#include "tests/support/temp_folder.h"

namespace reka::data {
namespace {

namespace fs = std::filesystem;

using testing::TempFolder;
using testing::tiny_tokenizer;
using Ids = std::vector<int64_t>;

/// tests/golden/megatron, which tests/peers/megatron.py has written with Megatron-LM.
fs::path golden_megatron(const std::string& name) {
  return fs::path(REKA_SOURCE_DIR) / "tests/golden/megatron" / name;
}

template <typename T>
void put(std::string& bytes, T value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

/// NAME.idx and NAME.bin of int32, a sequence to a document.
void write_ids(const TempFolder& folder, const std::string& name,
               const std::vector<std::vector<int32_t>>& documents) {
  std::string bin, index("MMIDIDX\0\0", 9);
  put<uint64_t>(index, 1);
  put<uint8_t>(index, 4);
  put<uint64_t>(index, documents.size());
  put<uint64_t>(index, documents.size() + 1);
  for (const auto& ids : documents) put(index, static_cast<int32_t>(ids.size()));
  for (const auto& ids : documents) {
    put(index, static_cast<int64_t>(bin.size()));
    for (const auto id : ids) put(bin, id);
  }
  for (size_t n = 0; n <= documents.size(); ++n) put(index, static_cast<int64_t>(n));
  folder.write(name + ".idx", index);
  folder.write(name + ".bin", bin);
}

ReadAll read_ids(const TempFolder& folder) {
  const MegatronConfig config{.path = "*.idx", .tokenizer = "tokenizer.model"};
  return ReadAll(*make_reader(config, {"meg", folder.path()}));
}

}  // namespace

TEST_CASE("megatron: ids of what Megatron wrote are read, of two widths", "[data][megatron]") {
  for (const auto& [name, base] : {std::pair("u16.idx", 60000), {"i32.idx", 70000}}) {
    const MegatronIndex index(golden_megatron(name));
    REQUIRE(index.num_documents() == 3);
    CHECK(index.document(0) == Ids{base, 1, 2, 3});
    CHECK(index.document(1) == Ids{4, base + 5});
    CHECK(index.document(2).empty());
  }
}

TEST_CASE("megatron: documents become text by their tokenizer, and the same ids again",
          "[data][megatron]") {
  const TempFolder folder;
  const auto tokenizer = tiny_tokenizer();
  folder.write("tokenizer.model", tokenizer->model_bytes());
  const auto end = tokenizer->end_of_text();
  auto first = tokenizer->encode("one text, grün and 文字");
  const auto ids = first;
  first.push_back(end);
  auto second = tokenizer->encode("another");
  second.push_back(end);
  const auto more = tokenizer->encode("with a second part");
  second.insert(second.end(), more.begin(), more.end());
  write_ids(folder, "a",
            {first,
             second,
             {end},
             {static_cast<int32_t>(tokenizer->vocab_size())},
             {tokenizer->special("<sep>")}});
  const auto all = read_ids(folder);
  REQUIRE(all.documents.size() == 3);
  CHECK(all.documents[0].id == "a.idx:0");
  CHECK(all.documents[0].parts[0].text == "one text, grün and 文字");
  CHECK(tokenizer->encode(all.documents[0].parts[0].text) == ids);
  CHECK(all.documents[1].id == "a.idx:1:0");
  CHECK(all.documents[1].parts[0].text == "another");
  CHECK(all.documents[2].id == "a.idx:1:1");
  REQUIRE(all.skipped.size() == 3);
  CHECK(all.skipped[0].place.ends_with("a.idx:2"));
  CHECK(all.skipped[0].finding == "document without text");
  CHECK_THAT(all.skipped[1].finding, Catch::Contains("the tokenizer has"));
  CHECK_THAT(all.skipped[2].finding, Catch::Contains("the special <sep>"));
}

TEST_CASE("megatron: cut and wrong files are told, whatever they say", "[data][megatron]") {
  const auto index = read_file(golden_megatron("u16.idx"));
  const auto bin = read_file(golden_megatron("u16.bin"));
  const TempFolder folder;
  folder.write("tokenizer.model", tiny_tokenizer()->model_bytes());
  const auto check = [&](const std::string& idx_bytes, const std::string& bin_bytes) {
    folder.write("a.idx", idx_bytes);
    folder.write("a.bin", bin_bytes);
    const auto all = read_ids(folder);
    CHECK(all.documents.size() + all.skipped.size() > 0);
    return all;
  };
  for (size_t size = 0; size < index.size(); ++size) {
    const auto all = check(index.substr(0, size), bin);
    REQUIRE(all.skipped.size() == 1);
    CHECK(all.skipped[0].place.ends_with("a.idx"));
  }
  for (size_t at = 0; at < index.size(); ++at) {
    auto flipped = index;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x81);
    check(flipped, bin);
  }
  const auto cut = check(index, bin.substr(0, 5));
  CHECK(cut.documents.empty());
  fs::remove(folder.path() / "a.bin");
  const auto alone = read_ids(folder);
  REQUIRE(alone.skipped.size() == 1);
  CHECK_THAT(alone.skipped[0].finding, Catch::Contains("a.bin"));
}

TEST_CASE("megatron: sequences that overlap cannot fill the memory", "[data][megatron]") {
  std::string index("MMIDIDX\0\0", 9);
  constexpr uint64_t kSequences = 100'000;
  put<uint64_t>(index, 1);
  put<uint8_t>(index, 1);
  put<uint64_t>(index, kSequences);
  put<uint64_t>(index, 2);
  for (uint64_t n = 0; n < kSequences; ++n) put<int32_t>(index, 1'000'000);
  for (uint64_t n = 0; n < kSequences; ++n) put<int64_t>(index, 0);
  put<int64_t>(index, 0);
  put<int64_t>(index, kSequences);
  const TempFolder folder;
  folder.write("a.bin", std::string(1'000'000, '\1'));
  const MegatronIndex overlapping(folder.write("a.idx", index));
  CHECK_THROWS_AS(overlapping.document(0), DataError);
}

TEST_CASE("token text: a tokenizer that is not there is an error that names it",
          "[data][megatron]") {
  const TempFolder folder;
  CHECK_THROWS_AS(TokenText(folder.path(), "none.model"), DataError);
  folder.write("in/tokenizer.model", tiny_tokenizer()->model_bytes());
  const TokenText of_folder(folder.path(), "in");
  CHECK(of_folder.inputs() == std::vector{folder.path() / "in/tokenizer.model"});
}

}  // namespace reka::data
