#include "reka/weights/safetensors.h"

#include <algorithm>
#include <cstring>

#include "reka/base/error.h"
#include "reka/base/hash.h"
#include "reka/base/random.h"
#include "tests/support/catch.h"
#include "tests/support/message.h"
#include "tests/support/temp_folder.h"

using namespace reka;
using reka::testing::message_of;
using reka::testing::TempFolder;

namespace {

std::string file_bytes(const std::string& header, const std::string& data) {
  std::string length(8, '\0');
  const uint64_t size = header.size();
  std::memcpy(length.data(), &size, 8);
  return length + header + data;
}

/// What opening a file with these bytes says, without its folder.
std::string file_error(const std::string& bytes) {
  const TempFolder folder;
  const auto path = folder.write("m.safetensors", bytes);
  const auto text = message_of<CheckpointError>([&] { SafetensorsFile file(path); });
  return text.empty() ? text : text.substr(folder.path().string().size() + 1);
}

std::string file_error(const std::string& header, const std::string& data) {
  return file_error(file_bytes(header, data));
}

std::string entry(const std::string& name, const std::string& type, const std::string& shape,
                  const std::string& offsets) {
  return "\"" + name + "\":{\"dtype\":\"" + type + "\",\"shape\":" + shape +
         ",\"data_offsets\":" + offsets + "}";
}

/// Tensors of every width; each byte is the first letter of its name.
std::string good_file(const TempFolder& folder) {
  SafetensorsWriter writer(folder.path() / "m.safetensors",
                           {{"b", {"BF16", {3}}},
                            {"one", {"U8", {}}},
                            {"a", {"F32", {2, 2}}},
                            {"none", {"I64", {0, 5}}}},
                           {{"note", "é"}});
  for (const auto& [name, info] : writer.tensors()) {
    writer.append(as_bytes(std::string(info.bytes() / 2, name[0])));
    writer.append(as_bytes(std::string(info.bytes() - info.bytes() / 2, name[0])));
  }
  writer.commit();
  return read_file(folder.path() / "m.safetensors");
}

}  // namespace

TEST_CASE("safetensors: what is written reads back, aligned", "[base][safetensors]") {
  const TempFolder folder;
  const auto bytes = good_file(folder);
  const SafetensorsFile file(folder.path() / "m.safetensors");
  CHECK(file.metadata() == std::map<std::string, std::string>{{"format", "pt"}, {"note", "é"}});
  REQUIRE(file.tensors().size() == 4);
  CHECK(file.info("a").shape == std::vector<int64_t>{2, 2});
  CHECK(file.info("b").dtype == "BF16");
  CHECK(file.bytes("b").size() == 6);
  CHECK(file.bytes("one").size() == 1);
  CHECK(file.bytes("none").empty());
  CHECK_FALSE(file.contains("c"));
  for (const auto& [name, info] : file.tensors()) {
    for (const auto byte : file.bytes(name)) CHECK(byte == std::byte(name[0]));
    const auto address = reinterpret_cast<uintptr_t>(file.bytes(name).data());
    CHECK(address % static_cast<uintptr_t>(safetensors_element_bytes(info.dtype)) == 0);
  }
  uint64_t header = 0;
  std::memcpy(&header, bytes.data(), 8);
  CHECK((header + 8) % 64 == 0);
  CHECK(bytes[8] == '{');
}

TEST_CASE("safetensors: an absent tensor is named", "[base][safetensors]") {
  const TempFolder folder;
  good_file(folder);
  const auto path = folder.path() / "m.safetensors";
  CHECK(message_of<CheckpointError>([&] { SafetensorsFile(path).info("x"); }) ==
        path.string() + ": tensor \"x\": is absent: must be in the file");
  CHECK(message_of<CheckpointError>([] { SafetensorsFile file("no.safetensors"); }) ==
        "no.safetensors: cannot open: No such file or directory");
}

TEST_CASE("safetensors: damaged headers are refused by name", "[base][safetensors]") {
  const std::string place = "m.safetensors: tensor \"a\": ";
  CHECK(file_error("") == "m.safetensors: 0 bytes: must be a safetensors file");
  CHECK(file_error("x") == "m.safetensors: 1 bytes: must be a safetensors file");
  CHECK(file_error(std::string(8, '\xff')) ==
        "m.safetensors: header of 18446744073709551615 bytes: must be in [2, 0]: truncated?");
  CHECK(file_error("[]", "") == "m.safetensors: header: must start with {");
  CHECK(file_error("{\"a\"", "").starts_with("m.safetensors: header:1:"));
  CHECK(file_error(
            "{" + entry("a", "F32", "[1]", "[0,4]") + "," + entry("a", "F32", "[1]", "[4,8]") + "}",
            std::string(8, ' ')) == "m.safetensors: header: key \"a\" is given twice");
  CHECK(file_error("{" + entry("a", "F31", "[1]", "[0,4]") + "}", "abcd") ==
        place + "dtype = F31: must be F32, BF16, F16 or another of safetensors");
  CHECK(file_error("{" + entry("a", "F32", "[-1]", "[0,4]") + "}", "abcd") ==
        place + "shape = [-1]: must be integers >= 0");
  CHECK(file_error("{" + entry("a", "F32", "[4294967296,4294967296]", "[0,4]") + "}", "abcd") ==
        place + "shape: must be of sizes >= 0 that fit in memory");
  CHECK(file_error("{" + entry("a", "F32", "[1]", "[4,0]") + "}", "abcd") ==
        place + "data_offsets = [4,0]: must be [begin, end]");
  CHECK(file_error("{" + entry("a", "F32", "[2]", "[0,4]") + "}", "abcd") ==
        place + "4 bytes: must be 8 for its dtype and shape");
  CHECK(file_error("{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", "abcd") ==
        place + "\"data_offsets\": must be given");
  CHECK(file_error("{\"a\":3}", "abcd") == place + "must be a JSON object");
  CHECK(file_error("{\"__metadata__\":{\"n\":1}}", "") ==
        "m.safetensors: __metadata__: \"n\" = 1: must be text");
}

TEST_CASE("safetensors: holes, overlaps and leftovers are refused", "[base][safetensors]") {
  const auto two = [](const std::string& a, const std::string& b) {
    return "{" + entry("a", "F32", "[1]", a) + "," + entry("b", "F32", "[1]", b) + "}";
  };
  CHECK(file_error(two("[0,4]", "[4,8]"), "abcdefgh").empty());
  CHECK(file_error(two("[4,8]", "[0,4]"), "abcdefgh").empty());
  CHECK(file_error(two("[0,4]", "[5,9]"), "abcdefghi") ==
        "m.safetensors: tensor \"b\": begins at byte 5: must be 4, where the one before ends");
  CHECK(file_error(two("[0,4]", "[3,7]"), "abcdefg") ==
        "m.safetensors: tensor \"b\": begins at byte 3: must be 4, where the one before ends");
  CHECK(file_error(two("[0,4]", "[4,8]"), "abcdefg") ==
        "m.safetensors: tensor \"b\": ends at byte 8: must be at most 7, the end of the file");
  CHECK(file_error(two("[0,4]", "[4,8]"), "abcdefghi") ==
        "m.safetensors: 1 bytes after the last tensor: must be 0");
}

TEST_CASE("safetensors: no truncation passes, no flipped byte crashes", "[base][safetensors]") {
  const TempFolder folder;
  const auto good = good_file(folder);
  const auto path = folder.path() / "damaged.safetensors";
  uint64_t touched = 0;  // reads every byte, so that a wrong range faults
  const auto open = [&](const std::string& bytes) {
    folder.write("damaged.safetensors", bytes);
    return message_of<CheckpointError>([&] {
      const SafetensorsFile file(path);
      for (const auto& [name, info] : file.tensors()) touched ^= xxh3_64(file.bytes(name));
    });
  };
  for (size_t size = 0; size < good.size(); ++size) CHECK_FALSE(open(good.substr(0, size)).empty());
  for (uint64_t n = 0; n < 2000; ++n) {
    auto bytes = good;
    for (uint64_t k = 0; k < 1 + n % 3; ++k) {
      const auto at = uniform_below(mix64(n, k, 0), bytes.size());
      bytes[at] = static_cast<char>(mix64(n, k, 1));
    }
    const auto message = open(bytes);  // data may change unseen; a header may only fail cleanly
    CHECK((message.empty() || message.starts_with(path.string())));
  }
  CHECK(touched != 0);
}

TEST_CASE("safetensors: tensors in memory are written in one call", "[base][safetensors]") {
  const TempFolder folder;
  const auto path = folder.path() / "m.safetensors";
  const std::string four = "abcd";
  write_safetensors(path, {{"u", "U8", {1}, as_bytes("x")}, {"f", "F32", {1}, as_bytes(four)}});
  const SafetensorsFile file(path);
  CHECK(std::ranges::equal(file.bytes("f"), as_bytes(four)));
  CHECK(file.info("f").begin == 0);
  CHECK(message_of<CheckpointError>([&] {
          write_safetensors(path, {{"f", "F32", {2}, as_bytes(four)}});
        }) == path.string() + ": tensor \"f\": 4 bytes: must be 8 for its dtype and shape");
  CHECK(SafetensorsFile(path).contains("u"));
}

TEST_CASE("safetensors: an unfinished file never appears", "[base][safetensors]") {
  const TempFolder folder;
  const auto path = folder.path() / "m.safetensors";
  CHECK(message_of<CheckpointError>([&] {
          SafetensorsWriter writer(path, {{"a", {"F32", {2}}}});
          writer.append(as_bytes("abcd"));
          writer.commit();
        }) == "safetensors: 4 bytes written: must be 8, as declared");
  CHECK(std::filesystem::is_empty(folder.path()));
  CHECK(message_of<CheckpointError>([&] {
          SafetensorsWriter writer(path, {{"a", {"F32", {2}}}, {"a", {"U8", {}}}});
        }) == path.string() + ": tensor \"a\": must have a name of its own");
}
