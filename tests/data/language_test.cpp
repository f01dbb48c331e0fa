#include "data/corpus/language.h"

#include "tests/support/catch.h"

namespace reka::data {

TEST_CASE("language: locales of corpora become one tag for each language and script",
          "[data][language]") {
  const std::vector<std::pair<std::string, std::string>> cases = {{"de", "de"},
                                                                  {"pt_BR", "pt"},
                                                                  {"en-US", "en"},
                                                                  {"C", "en"},
                                                                  {"zh_CN", "zh"},
                                                                  {"zh_TW", "zh-Hant"},
                                                                  {"zh_Hant_HK", "zh-Hant"},
                                                                  {"zh-Hans", "zh"},
                                                                  {"sr", "sr"},
                                                                  {"sr@latin", "sr-Latn"},
                                                                  {"sr_Latn", "sr-Latn"},
                                                                  {"sr_Cyrl", "sr"},
                                                                  {"uz@cyrillic", "uz-Cyrl"},
                                                                  {"ca-valencia", "ca"},
                                                                  {"nb", "no"},
                                                                  {"iw", "he"},
                                                                  {"pa_Arab", "pa-Arab"},
                                                                  {"de_DE.UTF-8", "de"},
                                                                  {"chr", "chr"},
                                                                  {"ang@latin", "ang"},
                                                                  {"deu_Latn", "de"},
                                                                  {"eng", "en"},
                                                                  {"cmn_Hans", "zh"},
                                                                  {"arb_Arab", "ar"},
                                                                  {"nob_Latn", "no"},
                                                                  {"fas", "fa"},
                                                                  {"fil", "fil"},
                                                                  {"yue", "yue"},
                                                                  {"srp_Latn", "sr-Latn"},
                                                                  {"root", ""},
                                                                  {"", ""},
                                                                  {"media", ""},
                                                                  {"42", ""}};
  for (const auto& [locale, tag] : cases) {
    INFO(locale);
    CHECK(language_tag(locale) == tag);
  }
}

TEST_CASE("language: texts are recognised, noise is not", "[data][language]") {
  CHECK(detect_language("The quick brown fox jumps over the lazy dog and runs into the forest.") ==
        "en");
  CHECK(detect_language("Alle Menschen sind frei und gleich an Würde und Rechten geboren.") ==
        "de");
  CHECK(detect_language("すべての人間は、生まれながらにして自由である。") == "ja");
  CHECK(detect_language("Все люди рождаются свободными и равными в своём достоинстве.") == "ru");
  CHECK(detect_language("").empty());
  CHECK(detect_language("0x1F 42 --- ###").empty());
}

}  // namespace reka::data
