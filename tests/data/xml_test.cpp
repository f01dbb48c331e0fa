#include "data/corpus/xml.h"

#include "reka/base/error.h"
#include "tests/support/catch.h"
#include "tests/support/message.h"
#include "tests/support/temp_folder.h"

namespace reka::data {
namespace {

using testing::message_of;

std::string text_of(const std::string& xml) {
  const auto document = parse_xml(xml);
  return xml_text(xmlDocGetRootElement(document.get()));
}

}  // namespace

TEST_CASE("xml: names, attributes and text are those of the file", "[data][xml]") {
  const auto document = parse_xml("<a b='1 &amp; 2'>x<c>&#228;</c><![CDATA[<y>]]></a>");
  const auto* root = xmlDocGetRootElement(document.get());
  CHECK(xml_name(root) == "a");
  CHECK(xml_attribute(root, "b") == "1 & 2");
  CHECK(xml_attribute(root, "absent").empty());
  CHECK(xml_text(root) == "xä<y>");
}

TEST_CASE("xml: what is not XML is refused in one line with its line number", "[data][xml]") {
  for (const std::string bytes : {"plain text", "<a><b></a>", "<a>\xFF</a>", "<a"}) {
    CAPTURE(bytes);
    const auto message = message_of<DataError>([&] { parse_xml(bytes); });
    CHECK_THAT(message, Catch::StartsWith("not XML: line 1: "));
    CHECK(message.find('\n') == message.npos);
    CHECK(message_of<DataError>([] { parse_xml(""); }) == "not XML: empty");
  }
  CHECK_THAT(message_of<DataError>([] { parse_xml("<a>\n\n<b>\n</a>"); }),
             Catch::StartsWith("not XML: line 4: "));
}

TEST_CASE("xml: no other file is read", "[data][xml]") {
  const testing::TempFolder folder;
  const auto secret = folder.write("secret.txt", "secret").string();
  CHECK(text_of("<!DOCTYPE a [<!ENTITY e SYSTEM 'file://" + secret + "'>]><a>b&e;</a>") == "b");
  CHECK(text_of("<!DOCTYPE a SYSTEM 'file://" + secret + "'><a>b</a>") == "b");
}

TEST_CASE("xml: entities that grow without bound are refused", "[data][xml]") {
  std::string bomb = "<!DOCTYPE a [<!ENTITY e0 'ha'>";
  for (int level = 1; level <= 9; ++level) {
    std::string inner;
    for (int n = 0; n < 10; ++n) inner += fmt::format("&e{};", level - 1);
    bomb += fmt::format("<!ENTITY e{} '{}'>", level, inner);
  }
  CHECK_THROWS_AS(parse_xml(bomb + "]><a>&e9;</a>"), DataError);
  CHECK_THROWS_AS(parse_xml(bomb + "]><a b='&e9;'/>"), DataError);
}

TEST_CASE("xml: depth is bounded", "[data][xml]") {
  std::string deep;
  for (int n = 0; n < 100'000; ++n) deep += "<a>";
  CHECK_THROWS_AS(parse_xml(deep), DataError);
}

}  // namespace reka::data
