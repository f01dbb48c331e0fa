#include "data/corpus/fertility.h"

#include "data/corpus/normalize.h"
#include "reka/base/error.h"
#include "tests/data/tiny_tokenizer.h"
#include "tests/support/catch.h"
#include "tests/support/temp_folder.h"

namespace reka::data {
namespace {

using testing::TempFolder;
using testing::tiny_tokenizer;

// Documents of two languages, of which one is rare, one held out and one dropped.
struct Languages {
  TempFolder folder;
  Collection corpus{folder.path()};
  std::vector<std::string> texts;

  Languages() {
    corpus.languages = {"en", "xx"};
    for (int n = 0; n < 400; ++n)
      texts.push_back("one text and another, number " + std::to_string(n));
    texts.emplace_back("文字, grün");
    texts.emplace_back("held out");
    texts.emplace_back("dropped");
    std::string packed;
    for (size_t n = 0; n < texts.size(); ++n) {
      Document document;
      document.parts = {{.text = texts[n]}};
      pack_document(document, packed);
      corpus.marks.push_back({.content = content_hash(document),
                              .text_bytes = static_cast<uint32_t>(texts[n].size()),
                              .language = static_cast<uint16_t>(n == 400 ? 1 : 0),
                              .split = n == 401 ? Split::kDev : Split::kTrain});
    }
    corpus.chunks.push_back({corpus.spool.write(packed), 0, 0, texts.size()});
  }

  Fertility compared(int64_t sample_bytes, size_t threads = 2) {
    folder.write("other.model", tiny_tokenizer()->model_bytes());
    Selection selection(corpus, threads);
    selection.drop(402, {.kind = Fate::Kind::kNearDuplicate});
    Fertility fertility({.tokenizers = {{"other", (folder.path() / "other.model").string()}},
                         .sample_bytes = sample_bytes},
                        tiny_tokenizer());
    fertility.run(selection);
    return fertility;
  }
};

}  // namespace

TEST_CASE("fertility: bytes, characters and tokens of each language are those of its texts",
          "[data][fertility]") {
  Languages languages;
  const auto fertility = languages.compared(1'000'000);
  CHECK(fertility.names() == std::vector<std::string>{"this corpus", "other"});
  REQUIRE(fertility.rows().size() == 2);
  Fertility::Row want;
  for (size_t n = 0; n < 400; ++n) {
    const auto tokens = static_cast<int64_t>(tiny_tokenizer()->encode(languages.texts[n]).size());
    want.add({1,
              static_cast<int64_t>(languages.texts[n].size()),
              count_characters(languages.texts[n]),
              6,
              {tokens, tokens}});
  }
  const auto& english = fertility.rows().at("en");
  CHECK(english.documents == 400);
  CHECK(english.bytes == want.bytes);
  CHECK(english.words == want.words);
  CHECK(english.characters == want.characters);
  CHECK(english.tokens == want.tokens);
  const auto& rare = fertility.rows().at("xx");
  CHECK(rare.documents == 1);
  CHECK(rare.characters == 8);
  CHECK(rare.bytes == 13);
  const auto json = fertility.json();
  CHECK(json["languages"]["xx"]["tokenizers"]["other"]["tokens"] == rare.tokens[1]);
  Page page("a");
  fertility.show(page);
  CHECK_THAT(page.html(), Catch::Contains("other: bytes/token"));
}

TEST_CASE("fertility: a sample of large languages, the same for any number of threads",
          "[data][fertility]") {
  Languages languages;
  const auto one = languages.compared(3000, 1);
  const auto three = languages.compared(3000, 3);
  CHECK(one.json() == three.json());
  CHECK(one.rows().at("en").bytes > 1000);
  CHECK(one.rows().at("en").bytes < 6000);
  CHECK(one.rows().at("xx").documents == 1);
}

TEST_CASE("fertility: the corpus's own tokenizer alone, a missing one is an error",
          "[data][fertility]") {
  Languages languages;
  Selection selection(languages.corpus, 1);
  Fertility alone({}, tiny_tokenizer());
  alone.run(selection);
  CHECK(alone.json()["languages"]["xx"]["tokenizers"].size() == 1);
  CHECK_THROWS_AS(Fertility({.tokenizers = {{"none", "/nowhere.model"}}}, tiny_tokenizer()),
                  DataError);
}

}  // namespace reka::data
