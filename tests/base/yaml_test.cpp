#include "reka/base/yaml.h"

#include <cstdlib>

#include "reka/base/error.h"
#include "tests/support/catch.h"
#include "tests/support/message.h"
#include "tests/support/temp_folder.h"

using namespace reka;
using reka::testing::message_of;
using reka::testing::TempFolder;

namespace {

YamlNode parse(const std::string& text, const std::string& name = "a.yaml") {
  ConfigErrors errors;
  auto root = parse_yaml(text, name, errors);
  root.tell_all_wrong("", errors);
  errors.throw_if_any();
  return root;
}

std::string error_of(const std::string& text, const std::string& name = "a.yaml") {
  return message_of<ConfigError>([&] { parse(text, name); });
}

std::string plain(const YamlNode& node) {
  return write_yaml(node, /*with_origins=*/false);
}

}  // namespace

TEST_CASE("yaml: values know their places", "[base][yaml]") {
  const auto root = parse("a:\n  b: [1, 'x']\nc:\n");
  const auto* list = root.find("a")->find("b");
  REQUIRE(list != nullptr);
  CHECK(list->items[1].origin.text() == "a.yaml:2:10");
  CHECK(list->items[1].quoted);
  CHECK(list->key_origin.text() == "a.yaml:2:3");
  CHECK(root.find("c")->origin.text() == "a.yaml:3:1");
  CHECK(root.find("d") == nullptr);
}

TEST_CASE("yaml: what is no YAML names the place", "[base][yaml]") {
  CHECK(error_of("a: [1, 2\nb: 3").starts_with("a.yaml:"));
  CHECK(error_of("a: [1, 2").find("not YAML") != std::string::npos);
  CHECK(error_of("a: b: c").starts_with("a.yaml:1:5: not YAML"));
  CHECK(error_of("ok: 1\nbad: \xff\n") == "a.yaml:2:6: byte 0xff: must be UTF-8");
  CHECK(error_of("a: 1\n---\nb: 2") == "a.yaml:3:1: a second document (---): must be one");
  CHECK(error_of("[a]: 1") == "a.yaml:1:1: a key that is not text: must be a word");
  CHECK(error_of("a: !int 3") == "a.yaml:1:4: tag !int: must not be given");
  CHECK(error_of(std::string(100000, '[')).find("not YAML") != std::string::npos);
}

TEST_CASE("yaml: keys given twice are refused with both places", "[base][yaml]") {
  CHECK(error_of("a:\n  b: 1\n  c: 2\n  b: 3\na: 4") ==
        "a.yaml:4:3: a.b: is given twice, first in line 2\n"
        "a.yaml:5:1: a: is given twice, first in line 1");
}

TEST_CASE("yaml: aliases repeat, but not without bound", "[base][yaml]") {
  CHECK(plain(parse("a: &x {b: 1}\nc: *x")) == "a:\n  b: 1\nc:\n  b: 1\n");
  std::string bomb = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n";
  for (int n = 1; n < 9; ++n) {
    const auto alias = "*a" + std::to_string(n - 1);
    bomb += "a" + std::to_string(n) + ": &a" + std::to_string(n) + " [" + alias;
    for (int k = 1; k < 10; ++k) bomb += ", " + alias;
    bomb += "]\n";
  }
  CHECK(error_of(bomb).find("too many values") != std::string::npos);
}

TEST_CASE("yaml: variables are replaced in values", "[base][yaml]") {
  ::setenv("REKA_TEST_HEADS", "8", 1);
  ::unsetenv("REKA_TEST_ABSENT");
  CHECK(plain(parse("a: ${REKA_TEST_HEADS}")) == "a: 8\n");
  CHECK(plain(parse("a: x${REKA_TEST_HEADS}y/${REKA_TEST_ABSENT:-z}")) == "a: x8y/z\n");
  CHECK(plain(parse("a: ${REKA_TEST_ABSENT:-}")) == "a: null\n");
  CHECK(parse("a: $${REKA_TEST_HEADS}").find("a")->text == "${REKA_TEST_HEADS}");
  CHECK(plain(parse("a: $${B}")) == "a: \"$${B}\"\n");
  CHECK(error_of("b: {a: \"${REKA_TEST_ABSENT}\"}") ==
        "a.yaml:1:8: b.a = ${REKA_TEST_ABSENT}: the variable REKA_TEST_ABSENT must be set, or "
        "${REKA_TEST_ABSENT:-default} given");
  CHECK(error_of("a: \"${X\"") == "a.yaml:1:4: a = ${X: ${ must be closed by }");
}

TEST_CASE("yaml: include merges deeply below the mapping's own keys", "[base][yaml]") {
  const TempFolder folder;
  folder.write("models/nano.yaml", "model:\n  dim: 64\n  fusion: {type: a, x: 1}\n");
  folder.write("models/more.yaml", "dim: 128\nlayers: 4\n");
  const auto main = folder.write("run.yaml", R"(
include: models/nano.yaml
model:
  include: [models/more.yaml]
  layers: 5
  fusion: {type: b, y: 2}
)");
  ConfigErrors errors;
  const auto root = read_yaml(main, errors);
  errors.throw_if_any();
  CHECK(plain(root) == "model:\n  dim: 128\n  fusion:\n    type: b\n    y: 2\n  layers: 5\n");
  CHECK(root.find("model")->find("dim")->origin.text() ==
        (folder.path() / "models/more.yaml").string() + ":1:6");
}

TEST_CASE("yaml: wrong includes are told with their place", "[base][yaml]") {
  const TempFolder folder;
  const auto name = (folder.path() / "a.yaml").string();
  folder.write("a.yaml", "include: b.yaml\n");
  folder.write("b.yaml", "x: {include: a.yaml}\n");
  folder.write("list.yaml", "[1]\n");
  CHECK(error_of("include: b.yaml", name) ==
        (folder.path() / "b.yaml").string() + ":1:14: x.include = a.yaml: must not include itself");
  CHECK(error_of("include: list.yaml", name) ==
        name + ":1:10: include = list.yaml: must hold a mapping");
  CHECK(error_of("include: {a: b}", name) ==
        name + ":1:10: include: must be a file or a list of files");
  CHECK(error_of("include: no.yaml", name) ==
        name + ":1:10: include = no.yaml: " + (folder.path() / "no.yaml").string() +
            ": cannot open: No such file or directory");
  ConfigErrors errors;
  CHECK(message_of<ConfigError>([&] { read_yaml("no.yaml", errors); }) ==
        "no.yaml: cannot open: No such file or directory");
}

TEST_CASE("yaml: what is written reads back", "[base][yaml]") {
  const std::string text =
      "a:\n  - b: 1\n    c:\n      d: \"1\"\n  - x: []\ne: {}\n\"f g:\": [[1, 2], [three]]\n";
  CHECK(plain(parse(text)) == text);
}
