#include "data/corpus/cldr.h"

#include <fmt/format.h>

#include "reka/base/error.h"
#include "tests/data/corpus.h"
#include "tests/support/catch.h"
#include "tests/support/temp_folder.h"

namespace reka::data {
namespace {

const std::string kFrench = R"(<?xml version="1.0" encoding="UTF-8"?>
<ldml><localeDisplayNames>
  <languages><language type="de">allemand</language><language type="aa">↑↑↑</language></languages>
  <territories><territory type="DE">Allemagne</territory>
    <territory type="US" alt="short">É.-U.</territory></territories></localeDisplayNames>
  <numbers><currencies><currency type="EUR"><displayName>euro</displayName>
    <displayName count="other">euros</displayName><symbol>€</symbol></currency></currencies></numbers>
  <units><unitLength type="long"><unit type="length-meter"><displayName>mètres</displayName></unit>
    </unitLength><unitLength type="short"><unit type="length-meter"><displayName>m</displayName>
    </unit></unitLength></units></ldml>)";

}  // namespace

TEST_CASE("cldr: plain names come out with their codes, variants and inherited ones do not",
          "[data][cldr]") {
  const auto names = cldr_names(kFrench);
  std::vector<std::string> seen;
  seen.reserve(names.size());
  for (const auto& [kind, code, name] : names) {
    seen.push_back(fmt::format("{}/{}={}", kind, code, name));
  }
  CHECK(seen == std::vector<std::string>{"language/de=allemand", "territory/DE=Allemagne",
                                         "currency/EUR=euro", "unit/length-meter=mètres"});
  CHECK_THROWS_AS(cldr_names("<html/>"), DataError);
  CHECK_THROWS_AS(cldr_names(kFrench.substr(0, 300)), DataError);
}

TEST_CASE("cldr: one document for each kind and language, sides decided by the code",
          "[data][cldr]") {
  const testing::TempFolder folder;
  folder.write("main/fr.xml", kFrench);
  folder.write("main/cut.xml", kFrench.substr(0, 300));
  CldrConfig config;
  config.path = "main/{language}.xml";
  const ReadAll all(*make_reader(config, {"names", folder.path()}));
  CHECK(all.documents.size() == 4);
  REQUIRE(all.skipped.size() == 1);
  CHECK_THAT(all.skipped[0].place, Catch::EndsWith("cut.xml"));
  for (const auto& document : all.documents) {
    CHECK(document.language == "fr");
    if (document.parts[0].text == "Allemagne") {
      CHECK(document.split == config.split.side("territory/DE"));
    }
  }
}

}  // namespace reka::data
