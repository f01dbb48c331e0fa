#include "reka/base/json.h"

#include "tests/support/catch.h"
#include "tests/support/message.h"

using namespace reka;
using reka::testing::message_of;

namespace {

std::string json_error(const std::string& text) {
  return message_of<DataError>([&] { parse_json(text, "a.json"); });
}

}  // namespace

TEST_CASE("json: keys keep their order", "[base][json]") {
  CHECK(dump_json(parse_json(R"({"b": [1, 2.5], "a": {"x": null}})", "a.json")) ==
        R"({"b":[1,2.5],"a":{"x":null}})");
}

TEST_CASE("json: what is no JSON names line and column", "[base][json]") {
  CHECK(json_error("").starts_with("a.json:1:1: not JSON: "));
  CHECK(json_error("{\n  \"a\": tru\n}").starts_with("a.json:2:11: not JSON: "));
  CHECK(json_error("[1, 2").find("unexpected end of input") != std::string::npos);
  CHECK(json_error("\"\xff\"").starts_with("a.json:1:2: not JSON: "));
  CHECK(json_error("\x89PNG").find('\x89') == std::string::npos);  // the line stays text
  CHECK(json_error("[1e999]") == "a.json: not JSON: number overflow parsing '1e999'");
  CHECK(json_error("1 2").starts_with("a.json:1:3: not JSON: "));
  CHECK(json_error("{\"a\": 1, \"b\": {\"a\": 2, \"a\": 3}}") ==
        "a.json: key \"a\" is given twice");
  CHECK(json_error("[{\"a\": 1}, {\"a\": 1}]").empty());
  CHECK(json_error(std::string(100000, '[')).starts_with("a.json:1:100001: not JSON: "));
}

TEST_CASE("json: values of another type name place and key", "[base][json]") {
  const auto json = parse_json(R"({"n": -1, "x": 1.5, "s": "t", "b": true, "l": [1]})", "a.json");
  CHECK(json_value<int64_t>(json, "n", "a.json") == -1);
  CHECK(json_value<double>(json, "x", "a.json") == 1.5);
  CHECK(json_value<std::string>(json, "s", "a.json") == "t");
  CHECK(json_value<bool>(json, "b", "a.json"));
  CHECK(json_value<std::vector<int>>(json, "l", "a.json") == std::vector{1});
  CHECK(message_of<DataError>([&] { json_value<uint64_t>(json, "n", "a.json"); }) ==
        "a.json: \"n\" = -1: must be an integer >= 0");
  CHECK(message_of<DataError>([&] { json_value<int>(json, "x", "a.json"); }) ==
        "a.json: \"x\" = 1.5: must be an integer");
  CHECK(message_of<DataError>([&] { json_value<int>(json, "y", "a.json"); }) ==
        "a.json: \"y\": must be given");
  CHECK(message_of<DataError>([&] { json_value<int>(json["l"], "y", "a.json"); }) ==
        "a.json: must be a JSON object");
  CHECK(message_of<DataError>([&] { json_value<std::vector<int>>(json, "s", "a.json"); }) ==
        "a.json: \"s\" = \"t\": must be of another type");
}

TEST_CASE("json: bytes that are no UTF-8 are replaced when written", "[base][json]") {
  CHECK(dump_json(Json("a\xff")) == "\"a\xef\xbf\xbd\"");
}
