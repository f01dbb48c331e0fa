#include "data/corpus/mds.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "data/corpus/digest.h"
#include "data/corpus/mds_shard.h"
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

/// tests/golden/mds, which tests/peers/mds.py has written with MosaicML Streaming.
fs::path golden_mds() {
  return fs::path(REKA_SOURCE_DIR) / "tests/golden/mds";
}

ReadAll read_mds(const fs::path& root, const std::string& name, MdsConfig config = {}) {
  config.path = name + "/index.json";
  return ReadAll(*make_reader(config, {"mosaic", root}));
}

/// A copy of a golden folder that may be damaged.
struct Copy {
  TempFolder folder;
  std::string name;

  explicit Copy(const std::string& golden) : name(golden) {
    fs::copy(golden_mds() / golden, folder.path() / golden, fs::copy_options::recursive);
  }
  fs::path file(const std::string& inside) const { return folder.path() / name / inside; }
  void change(const std::string& inside, const std::function<void(std::string&)>& change) const {
    auto bytes = read_file(file(inside));
    change(bytes);
    folder.write(name + "/" + inside, bytes);
  }
  ReadAll read() const { return read_mds(folder.path(), name); }
  void drop_hashes() const {
    change("index.json", [](std::string& index) {
      for (auto at = index.find("\"hashes\": {\""); at != index.npos;
           at = index.find("\"hashes\": {\""))
        index.replace(at, index.find('}', at) + 1 - at, "\"hashes\": {}");
    });
  }
};

template <typename T>
std::string bytes_of(const std::vector<T>& numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(T)};
}

}  // namespace

TEST_CASE("mds: what Streaming wrote is read, plain and packed, hashes checked", "[data][mds]") {
  for (const std::string name : {"plain", "zstd", "gz"}) {
    INFO(name);
    const auto all = read_mds(golden_mds(), name);
    CHECK(all.skipped.empty());
    CHECK(all.notes.empty());
    REQUIRE(all.documents.size() == 7);
    for (size_t n = 0; n < 7; ++n) {
      const auto& document = all.documents[n];
      CHECK(document.parts[0].text == fmt::format("text {}: grün, 文字", n));
      CHECK(document.id == std::to_string(100 + n));
      CHECK(document.key == document.id);
      CHECK(document.language == "de");
      CHECK(document.source == "mosaic");
    }
  }
}

TEST_CASE("mds: a picture and its text are one document", "[data][mds]") {
  const auto all = read_mds(golden_mds(), "pictures");
  CHECK(all.skipped.empty());
  REQUIRE(all.documents.size() == 1);
  const auto& document = all.documents[0];
  REQUIRE(document.parts.size() == 2);
  CHECK(document.media[0].geometry.width == 6);
  CHECK(document.media[0].geometry.height == 4);
  CHECK(document.parts[1].text == "a picture");
  CHECK(document.id == "shard.00000.mds:0");
}

TEST_CASE("mds: arrays of whole numbers are read in each of Streaming's forms", "[data][mds]") {
  for (const std::string name : {"bytes", "u16", "i32", "free", "json"}) {
    INFO(name);
    const auto index = golden_mds() / ("tokens_" + name) / "index.json";
    const auto info = MdsShardInfo::parse(read_file(index), "index.json");
    REQUIRE(info.size() == 1);
    const auto bytes = read_file(index.parent_path() / info[0].raw.name);
    const MdsShard shard(as_bytes(bytes), info[0]);
    REQUIRE(shard.size() == 3);
    for (int64_t n = 0; n < 3; ++n) {
      const auto values = shard.sample(static_cast<size_t>(n));
      REQUIRE(values.size() == 1);
      const auto& encoding = info[0].columns[0].encoding;
      if (encoding == "json") {
        CHECK(parse_json(values[0], "json").get<Ids>() ==
              Ids{300 + n, 301 + n, 302 + n, 303 + n, 304 + n});
      } else {
        const auto as = encoding == "bytes" ? "ndarray:int64:0" : encoding;
        CHECK(mds_integers(as, values[0]) == Ids{300 + n, 301 + n, 302 + n, 303 + n, 304 + n});
      }
    }
  }
  CHECK(mds_integers("ndarray:int8:2", "\xff\x01") == Ids{-1, 1});
  CHECK(mds_integers("ndarray:int64:1", bytes_of<int64_t>({-5})) == Ids{-5});
  CHECK_THROWS_AS(mds_integers("ndarray", ""), DataError);
  CHECK_THROWS_AS(mds_integers("ndarray", "\x22\x04\1\0\0\0\0"), DataError);  // float32
  CHECK_THROWS_AS(mds_integers("ndarray:float32", "1234"), DataError);
  CHECK_THROWS_AS(mds_integers("ndarray:int32", std::string("\x05\xff", 2)), DataError);
  CHECK_THROWS_AS(mds_integers("ndarray:int32:1", "abc"), DataError);
  CHECK(mds_text("int", bytes_of<int64_t>({-7})) == "-7");
  CHECK(mds_text("uint64", bytes_of<uint64_t>({UINT64_MAX})) == "18446744073709551615");
  CHECK_THROWS_AS(mds_text("int", "short"), DataError);
  CHECK_FALSE(mds_text("pkl", "anything"));
}

TEST_CASE("mds: token ids become the texts that they stand for", "[data][mds]") {
  const TempFolder folder;
  const auto tokenizer = tiny_tokenizer();
  folder.write("tokenizer.model", tokenizer->model_bytes());
  std::vector<uint32_t> ids;
  for (const std::string text : {"one text", "another, grün"}) {
    for (const auto id : tokenizer->encode(text)) ids.push_back(static_cast<uint32_t>(id));
    ids.push_back(static_cast<uint32_t>(tokenizer->end_of_text()));
  }
  const auto value = bytes_of(ids);
  const uint32_t offset = 12, end = offset + static_cast<uint32_t>(value.size()) + 4;
  const auto shard =
      bytes_of<uint32_t>({1, offset, end, static_cast<uint32_t>(value.size())}) + value;
  const auto write = [&](const std::string& encoding) {
    folder.write("set/s.mds", shard);
    folder.write("set/index.json",
                 fmt::format(R"({{"version": 2, "shards": [{{"format": "mds", "samples": 1,
                   "column_names": ["tokens"], "column_encodings": ["{}"], "column_sizes": [null],
                   "raw_data": {{"basename": "s.mds", "bytes": {}, "hashes": {{}}}}}}]}})",
                             encoding, shard.size()));
  };
  write("bytes");
  const MdsConfig config{.tokenizer = "tokenizer.model", .token_type = "uint32"};
  const auto all = read_mds(folder.path(), "set", config);
  CHECK(all.skipped.empty());
  REQUIRE(all.documents.size() == 2);
  CHECK(all.documents[0].parts[0].text == "one text");
  CHECK(all.documents[1].parts[0].text == "another, grün");
  CHECK(all.documents[1].id == "s.mds:0:1");
  const auto without = read_mds(folder.path(), "set", {.token_type = "uint32"});
  REQUIRE(without.skipped.size() == 1);
  CHECK(without.skipped[0].finding == "token ids: need `tokenizer`, the one that made them");
  const auto as_int64 = read_mds(folder.path(), "set", {.tokenizer = "tokenizer.model"});
  CHECK(as_int64.documents.empty());
  CHECK(as_int64.skipped.size() == 1);
  write("pkl");
  const auto pickled = read_mds(folder.path(), "set", config);
  REQUIRE(pickled.skipped.size() == 1);
  CHECK(pickled.skipped[0].finding == "column tokens: pkl: must be ndarray, json or bytes");
}

TEST_CASE("mds: a flipped byte is found by its hash, a cut file by its size", "[data][mds]") {
  for (const std::string name : {"plain", "zstd"}) {
    INFO(name);
    const Copy copy(name);
    const auto file = name == "plain" ? "shard.00000.mds" : "shard.00000.mds.zstd";
    const auto before = copy.read().documents.size();
    copy.change(file, [](std::string& bytes) { bytes[bytes.size() / 2] ^= 1; });
    const auto all = copy.read();
    CHECK(all.documents.size() < before);
    REQUIRE(all.skipped.size() == 1);
    CHECK(all.skipped[0].place == copy.file(file).string());
    CHECK_THAT(all.skipped[0].finding, Catch::Contains("index.json says"));
    copy.drop_hashes();
    copy.change(file, [](std::string& bytes) { bytes.resize(bytes.size() / 2); });
    const auto cut = copy.read();
    CHECK(cut.documents.size() == all.documents.size());
    REQUIRE(cut.skipped.size() == 1);
    fs::remove(copy.file(file));
    CHECK(copy.read().documents.size() == all.documents.size());
  }
}

TEST_CASE("mds: without hashes any flipped byte is read, skipped or told, never a crash",
          "[data][mds]") {
  const Copy copy("plain");
  copy.drop_hashes();
  const auto whole = read_file(copy.file("shard.00000.mds"));
  for (size_t at = 0; at < whole.size(); ++at) {
    copy.change("shard.00000.mds", [&](std::string& bytes) {
      bytes = whole;
      bytes[at] = static_cast<char>(bytes[at] ^ 0x81);
    });
    const auto all = copy.read();
    CHECK(all.documents.size() + all.skipped.size() >= 3);
  }
}

TEST_CASE("mds: an index that is none is an error in one line", "[data][mds]") {
  const auto message = [](const std::string& index) {
    return testing::message_of<DataError>([&] { MdsShardInfo::parse(index, "x/index.json"); });
  };
  CHECK_THAT(message("{"), Catch::StartsWith("x/index.json:"));
  CHECK(message(R"({"version": 1, "shards": []})") == "x/index.json: version: must be 2");
  CHECK(message(R"({"version": 2})") == "x/index.json: shards: must be a list");
  CHECK(message(R"({"version": 2, "shards": [{"format": "json"}]})") ==
        "x/index.json: shards.0: format: must be mds");
  const auto shard = [](const std::string& more) {
    return R"({"version": 2, "shards": [{"format": "mds", "samples": 1, "column_names": ["a"], )" +
           more + "}]}";
  };
  CHECK_THAT(message(shard(R"("column_encodings": [], "column_sizes": [])")),
             Catch::Contains("must be of one length"));
  CHECK_THAT(message(shard(R"("column_encodings": ["str"], "column_sizes": [-1])")),
             Catch::Contains("column 0: must have"));
  CHECK_THAT(message(shard(R"("column_encodings": ["str"], "column_sizes": [null],
                              "raw_data": {"basename": "../up", "bytes": 1})")),
             Catch::Contains("must be a name without folders"));
  CHECK_THAT(message(shard(R"("column_encodings": ["str"], "column_sizes": [null])")),
             Catch::Contains("raw_data"));
}

TEST_CASE("digest: hashes are those of hashlib and xxhash", "[data][mds]") {
  // python3: hashlib.sha1(b"abc").hexdigest(), xxhash.xxh64(b"abc").hexdigest(), ...
  CHECK(digest("sha1", as_bytes("abc")) == "a9993e364706816aba3e25717850c26c9cd0d89d");
  CHECK(digest("md5", as_bytes("abc")) == "900150983cd24fb0d6963f7d28e17f72");
  CHECK(digest("xxh64", as_bytes("abc")) == "44bc2cf5ad770999");
  CHECK(digest("xxh32", as_bytes("abc")) == "32d153ff");
  CHECK_FALSE(digest("none", as_bytes("abc")));
}

}  // namespace reka::data
