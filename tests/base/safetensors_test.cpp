#include "reka/weights/safetensors.h"

#include <array>
#include <fstream>

#include "reka/base/error.h"
#include "tests/support/catch.h"
#include "tests/support/message.h"
#include "tests/support/temp_folder.h"

namespace {

using reka::SafetensorsFile;
using reka::testing::message_of;
using reka::testing::TempFolder;

std::string file_of(const std::string& header, const std::string& data) {
  const uint64_t size = header.size();
  return std::string(reinterpret_cast<const char*>(&size), 8) + header + data;
}

std::string message(const TempFolder& folder, const std::string& bytes) {
  const auto path = folder.write("x.safetensors", bytes);
  auto text = message_of<reka::CheckpointError>([&] { SafetensorsFile file(path); });
  const auto at = text.find("x.safetensors");
  return at == std::string::npos ? text : text.substr(at);
}

}  // namespace

TEST_CASE("safetensors: what is written reads back, names, shapes, bytes and metadata",
          "[weights][safetensors]") {
  const TempFolder folder;
  const std::array<float, 6> matrix = {1, 2, 3, 4, 5, 6};
  const std::array<uint16_t, 1> scalar = {0x3f80};
  const auto path = folder.path() / "a.safetensors";
  reka::write_safetensors(path,
                          {{"matrix", "F32", {2, 3}, std::as_bytes(std::span(matrix))},
                           {"scalar", "BF16", {}, std::as_bytes(std::span(scalar))},
                           {"empty", "I64", {0, 4}, {}}},
                          {{"format", "pt"}});
  const SafetensorsFile file(path);
  CHECK(file.tensors().size() == 3);
  CHECK(file.metadata().at("format") == "pt");
  CHECK(file.info("matrix").shape == std::vector<int64_t>{2, 3});
  CHECK(file.info("scalar").dtype == "BF16");
  const auto bytes = file.bytes("matrix");
  CHECK(std::equal(bytes.begin(), bytes.end(), std::as_bytes(std::span(matrix)).begin()));
  CHECK(file.bytes("empty").empty());
  CHECK(reinterpret_cast<uintptr_t>(bytes.data()) % 64 == 0);
}

TEST_CASE("safetensors: every truncation is refused", "[weights][safetensors]") {
  const TempFolder folder;
  const auto whole = file_of(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}})", "abcd");
  CHECK(message(folder, whole).empty());
  for (size_t size = 0; size < whole.size(); ++size) {
    INFO(size << " bytes");
    CHECK_FALSE(message(folder, whole.substr(0, size)).empty());
  }
}

TEST_CASE("safetensors: a header that contradicts itself is refused with its reason",
          "[weights][safetensors]") {
  const TempFolder folder;
  const auto with = [&](const std::string& header) {
    return message(folder, file_of(header, "abcd"));
  };
  CHECK(with(R"({"a":{"dtype":"U8","shape":[3],"data_offsets":[0,4]}})") ==
        "x.safetensors: a: 4 bytes: must be 3, as its shape says");
  CHECK(with(R"({"a":{"dtype":"X1","shape":[4],"data_offsets":[0,4]}})") ==
        "x.safetensors: a: dtype = X1: is unknown");
  CHECK(with(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}})") ==
        "x.safetensors: tensors overlap or leave gaps");
  CHECK(with(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})") ==
        "x.safetensors: has 4 bytes of tensors: must be 2: truncated");
  CHECK(with(R"({"a":{"dtype":"F64","shape":[2305843009213693952,8],"data_offsets":[0,4]}})") ==
        "x.safetensors: a: shape: must be of sizes >= 0 that fit in memory");
  CHECK_THAT(with(R"({"a":{"dtype":"U8","shape":"4","data_offsets":[0,4]}})"),
             Catch::Matchers::StartsWith("x.safetensors: a: "));
  CHECK_THAT(with("[1]"), Catch::Matchers::StartsWith("x.safetensors: "));
  CHECK_THAT(with("{"), Catch::Matchers::Contains("not JSON"));
}

TEST_CASE("safetensors: an absent file or tensor is named", "[weights][safetensors]") {
  const TempFolder folder;
  CHECK_THROWS_AS(SafetensorsFile(folder.path() / "none"), reka::CheckpointError);
  const auto path = folder.write("x.safetensors", file_of("{}", ""));
  CHECK_THAT(message_of<reka::CheckpointError>([&] { SafetensorsFile(path).bytes("w"); }),
             Catch::Matchers::EndsWith("x.safetensors: w: is absent"));
}
