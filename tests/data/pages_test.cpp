#include "data/corpus/pages.h"

#include "data/corpus/html.h"
#include "data/corpus/mallard.h"
#include "reka/base/error.h"
#include "tests/data/corpus.h"
#include "tests/support/catch.h"
#include "tests/support/temp_folder.h"

namespace reka::data {

using Lines = std::vector<std::string>;
using testing::TempFolder;

TEST_CASE("html: title and blocks come out in order, folded, without navigation", "[data][pages]") {
  const auto blocks = html_blocks(R"(<!DOCTYPE html><html><head><title> A
      title</title><style>p{}</style><script>var x = "<p>no</p>";</script></head><body>
    <header>no</header><nav>no</nav><div class="navheader">no</div>
    <h1>Head <em>line</em></h1><p>One
      two<b>three</b> &amp; &#8220;four&#8221;</p><ul><li>item<li>next <p>inner</ul>
    <pre>if (x) {
    y();
}</pre><table><tr><td>cell</td><td>1</td></table>tail<button>no</button></body></html>)");
  CHECK(blocks == Lines{"A title", "Head line", "One twothree & “four”", "item", "next", "inner",
                        "if (x) {\n    y();\n}", "cell", "1", "tail"});
}

TEST_CASE("html: broken markup and deep nesting are read or refused, never a crash",
          "[data][pages]") {
  CHECK(html_blocks("").empty());
  CHECK(html_blocks("<p>cut in a ta<b") == Lines{"cut in a ta"});
  CHECK(html_blocks("just text") == Lines{"just text"});
  std::string deep;
  for (int n = 0; n < 15'000; ++n) deep += "<div>";
  CHECK(html_blocks(deep + "x") == Lines{"x"});
  for (int n = 0; n < 200'000; ++n) deep += "<b>";
  CHECK_THROWS_AS(html_blocks(deep), DataError);
}

TEST_CASE("mallard: titles, paragraphs, items and cells come out, info and media do not",
          "[data][pages]") {
  const auto blocks = mallard_blocks(R"(<page xmlns="http://projectmallard.org/1.0/" id="x">
    <info><desc>no</desc><credit><name>no</name></credit></info><title>The  title</title>
    <p>Press <keyseq><key>Ctrl</key><key>A</key></keyseq> in
       <guiseq><gui>Settings</gui> <gui>Power</gui></guiseq>, or <code>ls -l</code>.</p>
    <media type="image" src="a.png"><p>no</p></media>
    <steps><item><p>First</p></item><item><p>Second</p></item></steps>
    <table><tr><td>left</td><td><p>right</p></td></tr></table>
    <screen>$ cd
  there</screen><!-- no --></page>)");
  CHECK(blocks == Lines{"The title", "Press Ctrl+A in Settings ▸ Power, or ls -l.", "First",
                        "Second", "left", "right", "$ cd\n  there"});
}

TEST_CASE("mallard: what is not a page is refused in one line", "[data][pages]") {
  CHECK_THROWS_AS(mallard_blocks("<page><p>cut"), DataError);
  CHECK_THROWS_AS(mallard_blocks(""), DataError);
  CHECK_THROWS_AS(mallard_blocks("<html/>"), DataError);
  std::string deep = "<page>";
  for (int n = 0; n < 100'000; ++n) deep += "<p>";
  CHECK_THROWS_AS(mallard_blocks(deep), DataError);
  try {
    mallard_blocks("<page>\n<p></q></page>");
  } catch (const DataError& error) {
    CHECK(std::string(error.what()).find('\n') == std::string::npos);
    CHECK_THAT(error.what(), Catch::Contains("line 2"));
  }
}

TEST_CASE("pages: translations share key and side, and lose what is not translated",
          "[data][pages]") {
  const TempFolder folder;
  folder.write("help/en-US/text/a.html",
               "<title>Hearts</title><h1>Hearts</h1><p>A paragraph about hearts.</p><p>Same.</p>");
  folder.write("help/de/text/a.html", "<p>Ein Absatz über Herzen.</p><p>Same.</p>");
  folder.write("help/fr/text/a.html", "<p>A paragraph about hearts.</p><p>Same.</p>");
  folder.write("help/pt-BR/text/a.html", "");
  folder.write("help/it/text/a.html", "<p>gr\xFCn</p>");
  HtmlConfig config;
  config.path = "help/{language}/text/*.html";
  config.source_language = "en-US";
  config.min_characters = 10;
  const auto reader = make_reader(config, {"help", folder.path()});
  CHECK(reader->inputs().size() == 5);
  CHECK(reader->num_units() == 1);
  const ReadAll all(*reader);
  REQUIRE(all.documents.size() == 2);
  const auto* german = all.find("de/text/a.html");
  const auto* english = all.find("en-US/text/a.html");
  REQUIRE(german != nullptr);
  REQUIRE(english != nullptr);
  CHECK(german->parts[0].text == "Ein Absatz über Herzen.");
  CHECK(english->parts[0].text == "Hearts\nA paragraph about hearts.\nSame.");
  CHECK(german->key == "text/a.html");
  CHECK(german->key == english->key);
  CHECK(german->split == config.split.side("text/a.html"));
  CHECK(german->split == english->split);
  CHECK(german->language == "de");
  CHECK(english->language == "en");
  CHECK(german->source == "help");
  REQUIRE(all.skipped.size() == 3);  // empty, Latin-1, untranslated; in the order of the files
  CHECK(all.skipped[0].finding == "fewer than 10 characters of its own");
  CHECK(all.skipped[1].finding == "not UTF-8 at byte 5");
  CHECK(all.skipped[2].finding == "empty file");
}

TEST_CASE("pages: plain text is one document each, without language", "[data][pages]") {
  const TempFolder folder;
  folder.write("books/a.txt", "line one\nline two");
  TextConfig config;
  config.path = "books/*.txt";
  config.min_characters = 0;
  const ReadAll all(*make_reader(config, {"books", folder.path()}));
  REQUIRE(all.documents.size() == 1);
  CHECK(all.documents[0].id == "a.txt");
  CHECK(all.documents[0].language.empty());
  CHECK(all.documents[0].parts[0].text == "line one\nline two");
}

}  // namespace reka::data
