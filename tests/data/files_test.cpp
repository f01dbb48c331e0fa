#include "data/corpus/files.h"

#include "reka/base/error.h"
#include "tests/support/catch.h"
#include "tests/support/temp_folder.h"

namespace reka::data {

using testing::TempFolder;

TEST_CASE("files: {language}, * and ** find files, sorted, with the language out of the key",
          "[data][files]") {
  const TempFolder folder;
  for (const auto* name : {"help-de/share/de/text/a.html", "help-de/share/de/text/in/b.html",
                           "help-fr/share/fr/text/a.html", "help-fr/share/fr/text/a.txt",
                           "help-fr/share/fr/other/a.html"}) {
    folder.write(name, "x");
  }
  const auto files = find_files(folder.path(), "help-*/share/{language}/text/**/*.html", "help");
  REQUIRE(files.size() == 3);
  CHECK(files[0].language == "de");
  CHECK(files[0].key == "text/a.html");
  CHECK(files[1].key == "text/in/b.html");
  CHECK(files[2].language == "fr");
  CHECK(files[2].key == "text/a.html");
}

TEST_CASE("files: the language may be part of a name and must then be the same everywhere",
          "[data][files]") {
  const TempFolder folder;
  folder.write("de/page.de.xml", "x");
  folder.write("fr/page.de.xml", "x");
  folder.write("main/pt_BR.xml", "x");
  const auto pages = find_files(folder.path(), "{language}/page.{language}.xml", "s");
  REQUIRE(pages.size() == 1);
  CHECK(pages[0].language == "de");
  const auto locales = find_files(folder.path(), "main/{language}.xml", "s");
  REQUIRE(locales.size() == 1);
  CHECK(locales[0].language == "pt_BR");
}

TEST_CASE("files: links to a file that is found are read once", "[data][files]") {
  const TempFolder folder;
  folder.write("a.mo", "x");
  std::filesystem::create_symlink("a.mo", folder.path() / "b.mo");
  CHECK(find_files(folder.path(), "*.mo", "s").size() == 1);
}

TEST_CASE("files: a pattern that finds nothing is an error that names it", "[data][files]") {
  const TempFolder folder;
  CHECK_THROWS_WITH(find_files(folder.path(), "none/*.x", "help"),
                    Catch::StartsWith("help: none/*.x: no such file below "));
}

TEST_CASE("files: empty and missing files are skipped with their name", "[data][files]") {
  const TempFolder folder;
  std::vector<Skipped> skipped;
  const auto skip = [&](const Skipped& item) { skipped.push_back(item); };
  CHECK_FALSE(read_or_skip(folder.write("empty", ""), skip));
  CHECK_FALSE(read_or_skip(folder.path() / "missing", skip));
  CHECK_FALSE(read_or_skip(folder.path(), skip));
  REQUIRE(skipped.size() == 3);
  CHECK(skipped[0].finding == "empty file");
  CHECK(skipped[1].finding == "cannot be read");
  CHECK(skipped[1].place == (folder.path() / "missing").string());
  CHECK(read_or_skip(folder.write("full", "text"), skip) == "text");
}

TEST_CASE("files: the first byte that is not UTF-8 is found", "[data][files]") {
  CHECK_FALSE(find_bad_utf8("plain, grün, 漢字, 🧿"));
  CHECK_FALSE(find_bad_utf8(""));
  CHECK(find_bad_utf8("ab\xFFz") == 2);
  CHECK(find_bad_utf8("ab\xC3") == 2);
  CHECK(find_bad_utf8("\xC0\xAF") == 0);          // overlong
  CHECK(find_bad_utf8("abc\xED\xA0\x80") == 3);   // surrogate
  CHECK(find_bad_utf8("\xF4\x90\x80\x80") == 0);  // above U+10FFFF
  CHECK(find_bad_utf8("gr\xFCn") == 2);           // Latin-1
}

}  // namespace reka::data
