#include "data/corpus/gettext.h"

#include <map>
#include <set>

#include "reka/base/error.h"
#include "tests/data/corpus.h"
#include "tests/support/catch.h"
#include "tests/support/temp_folder.h"

namespace reka::data {
namespace {

using testing::TempFolder;
using Pairs = std::vector<std::pair<std::string, std::string>>;

void put(std::string& bytes, uint64_t value, bool big_endian) {
  for (int n = 0; n < 4; ++n) {
    bytes += static_cast<char>((value >> (8 * (big_endian ? 3 - n : n))) & 0xFF);
  }
}

// A catalogue in memory: header of 28 bytes, two tables, then the strings.
std::string make_mo(const Pairs& messages, bool big_endian = false) {
  const auto count = messages.size();
  std::string head, originals, translations, strings;
  for (const uint64_t word : {uint64_t{0x950412de}, uint64_t{0}, count, uint64_t{28},
                              28 + 8 * count, uint64_t{0}, uint64_t{0}}) {
    put(head, word, big_endian);
  }
  const auto add = [&](std::string& table, const std::string& text) {
    put(table, text.size(), big_endian);
    put(table, 28 + 16 * count + strings.size(), big_endian);
    strings += text + '\0';
  };
  for (const auto& [id, text] : messages) add(originals, id);
  for (const auto& [id, text] : messages) add(translations, text);
  return head + originals + translations + strings;
}

const Pairs kMessages = {
    {"", "Content-Type: text/plain; charset=UTF-8\n"},
    {"Open", "Öffnen"},
    {std::string("menu\4Close"), "Schließen"},
    {std::string("%d file\0%d files", 16), std::string("%d Datei\0%d Dateien", 19)},
    {"Untranslated", "Untranslated"},
    {"Blank", " \n "}};

}  // namespace

TEST_CASE("gettext: both byte orders give the messages, contexts and plural forms",
          "[data][gettext]") {
  for (const bool big_endian : {false, true}) {
    const auto messages = parse_mo(make_mo(kMessages, big_endian));
    REQUIRE(messages.size() == 5);
    CHECK(messages[0].id == "Open");
    CHECK(messages[0].forms == std::vector<std::string>{"Öffnen"});
    CHECK(messages[1].id == "Close");
    CHECK(messages[2].id == "%d file");
    CHECK(messages[2].forms == std::vector<std::string>{"%d Datei", "%d Dateien"});
  }
}

TEST_CASE("gettext: a file cut anywhere, or of another kind, is an error", "[data][gettext]") {
  const auto bytes = make_mo(kMessages);
  for (size_t size = 0; size + 1 < bytes.size(); ++size) {
    CHECK_THROWS_AS(parse_mo(bytes.substr(0, size)), DataError);
  }
  CHECK_THROWS_AS(parse_mo(std::string(100, 'x')), DataError);
  auto huge = bytes;
  huge.replace(8, 4, "\xFF\xFF\xFF\xFF");
  CHECK_THROWS_AS(parse_mo(huge), DataError);
  auto far = bytes;
  far.replace(32, 4, "\xFF\xFF\xFF\xFF");
  CHECK_THROWS_AS(parse_mo(far), DataError);
}

TEST_CASE("gettext: no message is on two sides in two languages, and none is lost",
          "[data][gettext]") {
  const TempFolder folder;
  Pairs german, french;
  for (int n = 0; n < 500; ++n) {
    german.emplace_back(fmt::format("message {}", n), fmt::format("Nachricht {}", n));
    french.emplace_back(fmt::format("message {}", n), fmt::format("texte {}", n));
  }
  folder.write("de/LC_MESSAGES/app.mo", make_mo(german));
  folder.write("fr/LC_MESSAGES/app.mo", make_mo(french));
  folder.write("it/LC_MESSAGES/app.mo", "broken");
  GettextConfig config;
  config.path = "{language}/LC_MESSAGES/*.mo";
  config.document_characters = 100;
  config.split = {.modulus = 20, .test = 1, .dev = 1};
  const ReadAll all(*make_reader(config, {"app", folder.path()}));
  std::map<std::string, std::set<Split>> sides;
  std::map<std::string, std::set<std::string>> numbers;
  std::set<std::string> ids;
  for (const auto& document : all.documents) {
    CHECK(ids.insert(document.id).second);
    const auto& text = document.parts[0].text;
    for (size_t begin = 0; begin < text.size();) {
      const auto end = std::min(text.find('\n', begin), text.size());
      const auto line = text.substr(begin, end - begin);
      const auto number = line.substr(line.rfind(' ') + 1);
      sides[number].insert(document.split);
      numbers[document.language].insert(number);
      begin = end + 1;
    }
  }
  CHECK(sides.size() == 500);
  for (const auto& [number, of_it] : sides) CHECK(of_it.size() == 1);
  CHECK(numbers.at("de").size() == 500);
  CHECK(numbers.at("fr").size() == 500);
  CHECK(numbers.at("en").size() == 500);  // the ids, once
  REQUIRE(all.skipped.size() == 1);
  CHECK_THAT(all.skipped[0].place, Catch::EndsWith("it/LC_MESSAGES/app.mo"));
}

TEST_CASE("gettext: untranslated messages and bad UTF-8 are left out", "[data][gettext]") {
  const TempFolder folder;
  auto messages = kMessages;
  messages.emplace_back("Green", "gr\xFCn");
  folder.write("de/LC_MESSAGES/app.mo", make_mo(messages));
  GettextConfig config;
  config.path = "{language}/LC_MESSAGES/*.mo";
  config.source_language = "";
  config.split = {.modulus = 2, .test = 0, .dev = 0};
  const ReadAll all(*make_reader(config, {"app", folder.path()}));
  REQUIRE(all.documents.size() == 1);
  CHECK(all.documents[0].parts[0].text == "Öffnen\nSchließen\n%d Datei\n%d Dateien");
  REQUIRE(all.skipped.size() == 1);
  CHECK(all.skipped[0].finding == "message is not UTF-8 at its byte 2");
}

}  // namespace reka::data
