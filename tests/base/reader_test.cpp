#include "reka/base/reader.h"

#include "reka/base/error.h"
#include "reka/base/random.h"
#include "tests/support/catch.h"
#include "tests/support/message.h"

using namespace reka;
using reka::testing::message_of;

namespace {

struct AttentionConfig {
  int64_t num_heads = 8;
  int64_t num_kv_heads = 2;

  void describe(auto& field) {
    field("num_heads", num_heads, "query heads", positive);
    field("num_kv_heads", num_kv_heads, "key/value heads", positive);
    field.rule("num_kv_heads", num_heads % num_kv_heads == 0, "must divide num_heads");
  }
};

struct ResamplerConfig {
  static constexpr auto kName = "resampler";
  int64_t num_queries = 64;
  int64_t width = 8;

  void describe(auto& field) {
    field("num_queries", num_queries, "learned queries", positive);
    field("width", width, "of each", positive);
  }
};

struct PoolConfig {
  static constexpr auto kName = "pool_mlp";
  int64_t width = 16;
  double dropout = 0;

  void describe(auto& field) {
    field("width", width, "of the hidden layer", positive);
    field("dropout", dropout, "share set to zero", fraction);
  }
};

struct SourceConfig {
  std::string path;
  double weight = 1;

  void describe(auto& field) {
    field("path", path, "files", not_empty);
    field("weight", weight, "share", not_negative);
  }
};

struct TestConfig {
  AttentionConfig attention;
  OneOf<ResamplerConfig, PoolConfig> fusion;
  Table<SourceConfig> sources;
  Choice precision{"bf16", {"bf16", "fp32"}};
  std::optional<int64_t> horizon;
  std::vector<double> betas = {0.9, 0.95};
  std::vector<std::string> languages;
  std::vector<SourceConfig> files;
  std::string name = "run";
  double lr = 1e-3;
  float scale = 0.5F;
  bool tied = false;
  uint32_t seed = 1;
  int8_t small = 1;

  void describe(auto& field) {
    field("attention", attention, "the attention");
    field("fusion", fusion, "how media enter");
    field("sources", sources, "by name");
    field("precision", precision, "of the numbers");
    field("horizon", horizon, "optional", positive);
    field("betas", betas, "list", each(fraction));
    field("languages", languages, "list of text");
    field("files", files, "list of structs");
    field("name", name, "text", not_empty);
    field("lr", lr, "rate", positive);
    field("scale", scale, "single precision");
    field("tied", tied, "switch");
    field("seed", seed, "unsigned");
    field("small", small, "eight bits", between(-100, 100));
    field.rule("attention.num_heads", attention.num_heads <= 64, "must be at most 64 here");
  }
};

Resolved<TestConfig> load(const std::string& text, const std::vector<std::string>& overrides = {}) {
  return load_config_text<TestConfig>(text, "run.yaml", overrides);
}

std::string reading_error(const std::string& text, const std::vector<std::string>& overrides = {}) {
  return message_of<ConfigError>([&] { load(text, overrides); });
}

/// The comment of the line that begins so.
std::string origin_in(const std::string& yaml, const std::string& start) {
  const auto line = yaml.find("\n" + start + " ");
  const auto comment = yaml.find("# ", line);
  REQUIRE(line != yaml.npos);
  return yaml.substr(comment + 2, yaml.find('\n', comment) - comment - 2);
}

}  // namespace

TEST_CASE("reader: an empty file gives the defaults", "[base][config]") {
  const auto config = load("").config;
  CHECK(config.attention.num_heads == 8);
  CHECK(std::get<ResamplerConfig>(config.fusion).num_queries == 64);
  CHECK(config.betas == std::vector{0.9, 0.95});
  CHECK(load("# nothing but a comment\n").config.name == "run");
  CHECK(load("attention:\nsources:\n").config.sources.empty());
}

TEST_CASE("reader: of a file whose include is missing nothing else is told", "[base][config]") {
  CHECK(reading_error("include: no.yaml\nattention: {num_heads: 7}\nunknown: 1\n").find('\n') ==
        std::string::npos);
  CHECK_THAT(reading_error("include: no.yaml\n"), Catch::Contains("no.yaml: cannot open"));
}

TEST_CASE("reader: an unset variable hides no other mistake and makes none", "[base][config]") {
  ::unsetenv("REKA_TEST_ABSENT");
  const std::string unset =
      " = ${REKA_TEST_ABSENT}: the variable REKA_TEST_ABSENT must be set, or "
      "${REKA_TEST_ABSENT:-default} given";
  const auto message = reading_error(R"(horizon: ${REKA_TEST_ABSENT}
attention:
  num_heads: 65
  num_kv_heads: ${REKA_TEST_ABSENT}
fusion:
  type: ${REKA_TEST_ABSENT}
languages:
- ${REKA_TEST_ABSENT}
lr: 0
unknown:
  a: ${REKA_TEST_ABSENT}
)");
  CHECK_THAT(message, Catch::StartsWith("run.yaml:1:10: horizon" + unset +
                                        "\nrun.yaml:4:17: attention.num_kv_heads" + unset +
                                        "\nrun.yaml:6:9: fusion.type" + unset +
                                        "\nrun.yaml:8:3: languages.0" + unset +
                                        "\nrun.yaml:9:5: lr = 0: must be > 0"
                                        "\nrun.yaml:10:1: unknown: unknown key"));
  CHECK_THAT(message, Catch::EndsWith("\nrun.yaml:11:6: unknown.a" + unset));
  CHECK(load("lr: ${REKA_TEST_ABSENT}", {"lr=0.5"}).config.lr == 0.5);
  CHECK(reading_error("", {"lr=${REKA_TEST_ABSENT}"}) == "command line: lr" + unset);
}

TEST_CASE("reader: a missing include hides the mistakes of its own mapping alone",
          "[base][config]") {
  CHECK_THAT(
      reading_error("attention: {include: no.yaml, num_heads: 0}\nlr: 0\n"),
      Catch::StartsWith("run.yaml:1:22: attention.include = no.yaml: no.yaml: cannot open") &&
          Catch::EndsWith("\nrun.yaml:2:5: lr = 0: must be > 0"));
}

TEST_CASE("reader: every kind of member is read", "[base][config]") {
  const auto config = load(R"(
attention: {num_heads: 12, num_kv_heads: 4}
fusion: {type: pool_mlp, width: 32}
sources:
  b: {path: b.txt, weight: 2}
  a: {path: a.txt}
precision: fp32
horizon: 100
betas: [0.5, 1]
languages: [en, no]
files:
  - path: x
  - path: y
    weight: .5
name: 123
lr: 1e6
scale: -1.5
tied: true
seed: 4294967295
small: -100
)")
                          .config;
  CHECK(config.attention.num_heads == 12);
  CHECK(std::get<PoolConfig>(config.fusion).width == 32);
  REQUIRE(config.sources.size() == 2);
  CHECK(config.sources[0].first == "b");
  CHECK(config.sources[0].second.weight == 2);
  CHECK(config.sources[1].second.weight == 1);
  CHECK(config.precision == "fp32");
  CHECK(config.horizon == 100);
  CHECK(config.betas == std::vector{0.5, 1.0});
  CHECK(config.languages == std::vector<std::string>{"en", "no"});
  REQUIRE(config.files.size() == 2);
  CHECK(config.files[1].weight == 0.5);
  CHECK(config.name == "123");
  CHECK(config.lr == 1e6);
  CHECK(config.scale == -1.5F);
  CHECK(config.tied);
  CHECK(config.seed == 4294967295U);
  CHECK(config.small == -100);
}

TEST_CASE("reader: wrong values name place, key, finding and expectation", "[base][config]") {
  CHECK(reading_error("attention:\n  num_heads: 0") ==
        "run.yaml:2:14: attention.num_heads = 0: must be > 0");
  CHECK(reading_error("attention:\n  num_heads: 1.5") ==
        "run.yaml:2:14: attention.num_heads = 1.5: must be an integer");
  CHECK(reading_error("seed: 1_000") == "run.yaml:1:7: seed = 1_000: must be an integer >= 0");
  CHECK(reading_error("seed: 1e6") == "run.yaml:1:7: seed = 1e6: must be an integer >= 0");
  CHECK(reading_error("seed: -1") == "run.yaml:1:7: seed = -1: must be an integer >= 0");
  CHECK(reading_error("seed: 4294967296") ==
        "run.yaml:1:7: seed = 4294967296: must be an integer in [0, 4294967295]");
  CHECK(reading_error("small: 128") ==
        "run.yaml:1:8: small = 128: must be an integer in [-128, 127]");
  CHECK(reading_error("small: 101") == "run.yaml:1:8: small = 101: must be in [-100, 100]");
  CHECK(reading_error("seed: \"8\"") == "run.yaml:1:7: seed = \"8\": must be an integer >= 0");
  CHECK(reading_error("lr: nan") == "run.yaml:1:5: lr = nan: must be a number");
  CHECK(reading_error("lr: 1e999") ==
        "run.yaml:1:5: lr = 1e999: must be a number that fits its precision");
  CHECK(reading_error("lr: fast") == "run.yaml:1:5: lr = fast: must be a number");
  CHECK(reading_error("lr:") == "run.yaml:1:1: lr = nothing: must be a number");
  CHECK(
      reading_error("fusion: null") ==
      "run.yaml:1:1: fusion = nothing: must be a mapping whose type is one of resampler, pool_mlp");
  CHECK(reading_error("tied: yes") == "run.yaml:1:7: tied = yes: must be true or false");
  CHECK(reading_error("name: ''") == "run.yaml:1:7: name = \"\": must be not empty");
  CHECK(reading_error("name: [a]") == "run.yaml:1:7: name = a list: must be text");
  CHECK(reading_error("horizon: 0") == "run.yaml:1:10: horizon = 0: must be > 0");
  CHECK(reading_error("betas: 0.9") == "run.yaml:1:8: betas = 0.9: must be a list");
  CHECK(reading_error("betas: [0.9, x]") == "run.yaml:1:14: betas.1 = x: must be a number");
  CHECK(reading_error("betas: [0.9, 2]") == "run.yaml:1:8: betas: must be each in [0, 1]");
  CHECK(reading_error("attention: 3") == "run.yaml:1:12: attention = 3: must be a mapping");
  CHECK(reading_error("sources: [a]") ==
        "run.yaml:1:10: sources = a list: must be a mapping by name");
  CHECK(reading_error("precision: fp23") ==
        "run.yaml:1:12: precision = fp23: must be one of bf16, fp32; did you mean \"fp32\"?");
  CHECK(reading_error("- a") == "run.yaml:1:1: the file = a list: must be a mapping");
}

TEST_CASE("reader: a key without a default must be given", "[base][config]") {
  CHECK(reading_error("sources:\n  help: {weight: 2}") ==
        "run.yaml:2:9: sources.help.path: must be given: not empty");
  CHECK(reading_error("files:\n  -\n") == "run.yaml:3:1: files.0.path: must be given: not empty");
}

TEST_CASE("reader: unknown keys name the nearest known one", "[base][config]") {
  CHECK(reading_error("attention:\n  num_head: 4") ==
        "run.yaml:2:3: attention.num_head: unknown key; did you mean \"num_heads\"?");
  CHECK(reading_error("attention:\n  heads: 4") ==
        "run.yaml:2:3: attention.heads: unknown key; did you mean \"num_heads\"?");
  CHECK(reading_error("attention:\n  colour: 4") ==
        "run.yaml:2:3: attention.colour: unknown key; known here: num_heads, num_kv_heads");
  CHECK(reading_error("attention:\n  type: x") ==
        "run.yaml:2:3: attention.type: unknown key; known here: num_heads, num_kv_heads");
}

TEST_CASE("reader: rules name the key and its value, and run on good values only",
          "[base][config]") {
  CHECK(reading_error("attention:\n  num_kv_heads: 3") ==
        "run.yaml:2:17: attention.num_kv_heads = 3: must divide num_heads");
  CHECK(reading_error("attention:\n  num_heads: 7") ==
        "run.yaml:2:3: attention.num_kv_heads = 2 (default): must divide num_heads");
  CHECK(reading_error("attention:\n  num_kv_heads: 0") ==
        "run.yaml:2:17: attention.num_kv_heads = 0: must be > 0");
  CHECK(reading_error("name: x\nattention: {num_heads: 66}") ==
        "run.yaml:2:24: attention.num_heads = 66: must be at most 64 here");
}

TEST_CASE("reader: all errors of a file are told at once, in its order", "[base][config]") {
  CHECK(reading_error("seed: x\nattention:\n  num_heads: 0\n  num_head: 1\nfusion: {type: pool}") ==
        "run.yaml:1:7: seed = x: must be an integer >= 0\n"
        "run.yaml:3:14: attention.num_heads = 0: must be > 0\n"
        "run.yaml:4:3: attention.num_head: unknown key; did you mean \"num_heads\"?\n"
        "run.yaml:5:16: fusion.type = pool: must be one of resampler, pool_mlp; did you mean "
        "\"pool_mlp\"?");
}

TEST_CASE("reader: a type keeps no keys of another", "[base][config]") {
  const auto pool = [](const Resolved<TestConfig>& read) {
    return std::get<PoolConfig>(read.config.fusion);
  };
  CHECK(pool(load("fusion: {width: 4}", {"fusion.type=pool_mlp"})).width == 16);
  CHECK(pool(load("fusion: {type: resampler, width: 4}", {"fusion.type=pool_mlp"})).width == 16);
  CHECK(pool(load("fusion: {type: pool_mlp, width: 4}", {"fusion.type=pool_mlp"})).width == 4);
  CHECK(pool(load("", {"fusion.width=4", "fusion.type=pool_mlp", "fusion.dropout=1"})).dropout ==
        1);
  const auto resampler = load("fusion: {width: 4}", {"fusion.type=resampler"});
  CHECK(std::get<ResamplerConfig>(resampler.config.fusion).width == 4);
  CHECK(reading_error("fusion: {type: pool_mlp, num_queries: 4}") ==
        "run.yaml:1:26: fusion.num_queries: unknown key; known here: width, dropout");
}

TEST_CASE("reader: overrides win and are named in errors", "[base][config]") {
  const auto read = load("attention: {num_heads: 4}\nfiles: [{path: a}, {path: b}]",
                         {"attention.num_heads=16", "sources.help.path=x", "betas=[0.1]",
                          "files.1.weight=3", "name=a=b"});
  CHECK(read.config.attention.num_heads == 16);
  CHECK(read.config.sources.at(0).second.path == "x");
  CHECK(read.config.betas == std::vector{0.1});
  CHECK(read.config.files[1].weight == 3);
  CHECK(read.config.name == "a=b");
  CHECK(reading_error("", {"seed=x"}) == "command line: seed = x: must be an integer >= 0");
  CHECK(reading_error("", {"sed=1"}) == "command line: sed: unknown key; did you mean \"seed\"?");
  CHECK(reading_error("", {"seed"}) == "command line: seed: must be key.path=value");
  CHECK(reading_error("", {"betas=[1"}) == "command line: betas = [1: must be YAML");
  CHECK(reading_error("files: [{path: a}]", {"files.1.path=b"}) ==
        "command line: files.1.path: there is no such list item");
}

TEST_CASE("reader: the resolved config names origins and reads back", "[base][config]") {
  const auto read = load(R"(name: "a: \"b\" ${REKA_TEST_UNSET:-x} $${HOME} # é"
fusion:
  type: pool_mlp
  dropout: 1e-05
sources: {help: {path: "yes"}}
files: [{path: "1"}]
languages: ["null", "~", "", " x "]
)",
                         {"attention.num_heads=16"});
  const auto text = to_yaml(read);
  CHECK(origin_in(text, "  num_heads: 16") == "command line");
  CHECK(origin_in(text, "  dropout: 1e-05") == "run.yaml:4:12");
  CHECK(origin_in(text, "  num_kv_heads: 2") == "default");
  const auto again = load(text);
  CHECK(to_yaml(again.config) == to_yaml(read.config));
  CHECK(again.config.name == "a: \"b\" x ${HOME} # é");
  CHECK(again.config.languages == std::vector<std::string>{"null", "~", "", " x "});
  CHECK(again.config.sources.at(0).second.path == "yes");
  CHECK(config_hash(again) == config_hash(read));
  CHECK(config_hash(load("")) != config_hash(load("", {"lr=0.002"})));
  CHECK(config_hash(load("")) == config_hash(load("lr: 0.001")));
}

TEST_CASE("reader: damaged text is read or refused, never worse", "[base][config]") {
  const std::string good =
      "attention: {num_heads: 12, num_kv_heads: 4}\nfusion: &f {type: pool_mlp, width: 32}\n"
      "sources:\n  b: {path: \"b\\n.txt\", weight: 2}\nbetas: [0.5, 1]\nfiles:\n  - path: x\n"
      "name: >\n  folded\n  text\nhorizon: ${REKA_TEST_UNSET:-100}\n? tied\n: true\n# end\n";
  REQUIRE(reading_error(good).empty());
  constexpr std::string_view kMarks = "{}[],:-?&*!|>'\"%@`#$ \n\t\\~x0";
  int refused = 0;
  for (uint64_t n = 0; n < 3000; ++n) {
    auto text = good;
    for (uint64_t k = 0; k < 1 + n % 4; ++k) {
      const auto at = uniform_below(mix64(n, k, 0), text.size());
      const auto mark = kMarks[uniform_below(mix64(n, k, 1), kMarks.size())];
      if (n % 3 == 0)
        text.erase(at, 1 + mix64(n, k, 2) % 5);
      else if (n % 3 == 1)
        text.insert(at, 1, mark);
      else
        text[at] = n % 5 == 0 ? static_cast<char>(mix64(n, k, 3)) : mark;
    }
    const auto message = reading_error(text);  // another kind of exception would end the test
    refused += message.empty() ? 0 : 1;
    CHECK((message.empty() || message.starts_with("run.yaml")));
  }
  CHECK(refused > 1000);
}

TEST_CASE("reader: the limits of floating point read back", "[base][config]") {
  for (const std::string value : {"-0.0", "5e-324", "0.1", "1.7976931348623157e308"}) {
    const auto text = "scale: 0.1\nlr: " + value;
    const auto message = reading_error(text);
    if (!message.empty()) {
      CHECK(message == "run.yaml:2:5: lr = -0.0: must be > 0");
      continue;
    }
    const auto read = load(text);
    CHECK(load(to_yaml(read)).config.lr == read.config.lr);
    CHECK(load(to_yaml(read)).config.scale == 0.1F);
  }
}
