#include "reka/base/reference.h"

#include "reka/base/error.h"
#include "reka/base/json.h"
#include "tests/support/catch.h"
#include "tests/support/message.h"

using namespace reka;
using reka::testing::message_of;

namespace {

struct Heads {
  int64_t num_heads = 8;
  uint8_t groups = 2;

  void describe(auto& field) {
    field("num_heads", num_heads, "query heads", positive, multiple_of(2));
    field("groups", groups, "of heads");
    field.rule("groups", num_heads % groups == 0, "must divide num_heads");
  }
};

struct Adam {
  static constexpr auto kName = "adamw";
  double lr = 1e-3;
  std::vector<double> betas = {0.9, 0.95};

  void describe(auto& field) {
    field("lr", lr, "learning rate", positive);
    field("betas", betas, "decay of the moments", each(fraction), not_empty);
  }
};

struct Muon {
  static constexpr auto kName = "muon";
  double momentum = 0.95;

  void describe(auto& field) { field("momentum", momentum, "of the update", fraction); }
};

struct Source {
  std::string path;
  int64_t weight = 1;

  void describe(auto& field) {
    field("path", path, "files | globs", not_empty);
    field("weight", weight, "share", at_least(0));
  }
};

struct Root {
  Heads decoder;
  OneOf<Adam, Muon> optimizer = Muon{};
  Table<Source> sources;
  Choice precision{"bf16", {"bf16", "fp32"}};
  std::optional<int64_t> horizon;
  std::string name = "run 1";
  bool tied = false;

  void describe(auto& field) {
    field("decoder", decoder, "the decoder");
    field("optimizer", optimizer, "how weights move");
    field("sources", sources, "what is read");
    field("precision", precision, "of numbers");
    field("horizon", horizon, "the end", positive);
    field("name", name, "of the run", not_empty);
    field("tied", tied, "head and embedding are one");
  }
};

std::vector<ConfigDoc> docs() {
  return {document_config<Root>("train", "reka train CONFIG")};
}

}  // namespace

TEST_CASE("reference: every key stands on the page with default, limits and meaning",
          "[base][reference]") {
  const auto page = reference_markdown(docs());
  const auto holds = [&](const std::string& text) { return page.find(text) != page.npos; };
  CHECK(holds("## `reka train CONFIG`\n"));
  CHECK(holds("| `num_heads` | integer | `8` | > 0, a multiple of 2 | query heads |\n"));
  CHECK(holds("| `precision` | bf16 \\| fp32 | `bf16` |  | of numbers |\n"));
  CHECK(holds("| `horizon` | integer | none | > 0 | the end |\n"));
  CHECK(holds("| `path` | text | must be given | not empty | files \\| globs |\n"));
  CHECK(holds("- `groups` must divide num_heads\n"));
  CHECK(
      holds("### `optimizer`\n\nHow weights move.\n\n#### `optimizer`, `type: muon` (default)\n"));
  CHECK(holds("#### `optimizer`, `type: adamw`\n"));
  CHECK(holds("Each `sources.<name>`:\n"));
  CHECK(holds("| `betas` | list of number | `[0.9, 0.95]` | each in [0, 1], not empty |"));
}

TEST_CASE("reference: the schema knows types, defaults and exact limits", "[base][reference]") {
  const auto schema = parse_json(reference_schema(docs()), "schema");
  CHECK(schema["anyOf"] == Json::parse(R"([{"$ref": "#/definitions/train"}])"));
  const auto& root = schema["definitions"]["train"];
  CHECK(root["additionalProperties"] == false);
  const auto& keys = root["properties"];
  const auto& heads = keys["decoder"]["properties"]["num_heads"];
  CHECK(heads["exclusiveMinimum"] == 0);
  CHECK(heads["multipleOf"] == 2);
  CHECK(heads["default"] == 8);
  CHECK(heads["description"] == "query heads; > 0; a multiple of 2");
  CHECK(keys["decoder"]["properties"]["groups"]["maximum"] == 255);
  CHECK(keys["precision"]["enum"] == Json::parse(R"(["bf16", "fp32"])"));
  CHECK(keys["horizon"]["type"] == Json::parse(R"(["integer", "string", "null"])"));
  CHECK(keys["name"]["minLength"] == 1);
  CHECK(keys["name"]["default"] == "run 1");
  CHECK(keys["tied"]["default"] == false);
  CHECK(keys["sources"]["additionalProperties"]["properties"]["weight"]["minimum"] == 0);
  CHECK_FALSE(keys["sources"]["additionalProperties"]["properties"]["path"].contains("default"));
  const auto& optimizer = keys["optimizer"];
  CHECK(optimizer["properties"]["type"]["enum"] == Json::parse(R"(["muon", "adamw"])"));
  CHECK_FALSE(optimizer["allOf"][0]["if"].contains("required"));
  CHECK(optimizer["allOf"][1]["if"]["required"] == Json::parse(R"(["type"])"));
  const auto& adam = optimizer["allOf"][1]["then"];
  CHECK(adam["additionalProperties"] == false);
  CHECK(adam["properties"]["betas"]["items"]["maximum"] == 1);
  CHECK(adam["properties"]["betas"]["minItems"] == 1);
}

TEST_CASE("reference: a key is explained by its path or its last part", "[base][reference]") {
  const std::string heads =
      "decoder.num_heads\n  query heads\n  integer, > 0, a multiple of 2; default 8\n"
      "  read by reka train CONFIG\n";
  CHECK(explain_key(docs(), "decoder.num_heads") == heads);
  CHECK(explain_key(docs(), "num_heads") == heads);
  CHECK_THROWS_AS(explain_key(docs(), "num_heads.type"), ConfigError);  // it is no choice
  CHECK(explain_key(docs(), "optimizer.type") == explain_key(docs(), "optimizer"));
  CHECK(explain_key(docs(), "groups") ==
        "decoder.groups\n  of heads\n  integer >= 0; default 2\n  read by reka train CONFIG\n"
        "  rule: groups must divide num_heads\n");
  CHECK(
      explain_key(docs(), "sources.help.weight") ==
      "sources.<name>.weight\n  share\n  integer, >= 0; default 1\n  read by reka train CONFIG\n");
  CHECK(explain_key(docs(), "lr") ==
        "optimizer.lr  (with optimizer adamw)\n  learning rate\n  number, > 0; default 0.001\n"
        "  read by reka train CONFIG\n");
  CHECK(explain_key(docs(), "optimizer") ==
        "optimizer\n  how weights move\n  mapping with a type: muon, adamw; default muon\n"
        "  read by reka train CONFIG\n");
  CHECK(explain_key(docs(), "decoder").find("    num_heads                query heads\n") !=
        std::string::npos);
}

TEST_CASE("reference: an unknown key names the nearest", "[base][reference]") {
  CHECK(message_of<ConfigError>([] { explain_key(docs(), "num_hedas"); }) ==
        "num_hedas: unknown key; did you mean \"num_heads\"?");
  CHECK(message_of<ConfigError>([] { explain_key(docs(), "decodr.num_heads"); }) ==
        "decodr.num_heads: unknown key; did you mean \"decoder.num_heads\"?");
  CHECK(message_of<ConfigError>([] { explain_key(docs(), "colour"); }) == "colour: unknown key");
  CHECK(message_of<ConfigError>([] { explain_key(docs(), "learning_rate"); }) ==
        "learning_rate: unknown key; see optimizer.lr");
}
