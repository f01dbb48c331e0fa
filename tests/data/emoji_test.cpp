#include "data/corpus/emoji.h"

#include <cstdlib>
#include <map>
#include <set>
#include <thread>

#include "data/corpus/emoji_set.h"
#include "data/corpus/emoji_video.h"
#include "data/corpus/klettres.h"
#include "data/media/image.h"
#include "reka/base/error.h"
#include "reka/base/files.h"
#include "tests/data/media_files.h"
#include "tests/support/message.h"
#include "tests/support/temp_folder.h"
#include "tests/support/testing.h"

namespace reka::data {
namespace {

using reka::testing::message_of;
using reka::testing::TempFolder;

// The folder of scripts/fetch_corpus; a test that needs a package of it says so when it is absent.
ReaderContext fetched(const std::string& package) {
  const auto* cache = std::getenv("REKA_CACHE");
  const auto* home = std::getenv("HOME");
  const auto root = (cache != nullptr ? std::filesystem::path(cache)
                                      : std::filesystem::path(home) / ".cache/reka") /
                    "corpus";
  if (std::filesystem::exists(root / package)) return {"s", root};
  WARN("skipped: " << (root / package).string() << " is not fetched (scripts/fetch_corpus)");
  return {};
}

std::vector<Document> documents(const Reader& reader, size_t first = 0, size_t last = SIZE_MAX) {
  std::vector<Document> all;
  for (auto unit = first; unit < std::min(last, reader.num_units()); ++unit)
    reader.read(
        unit, [&](Document&& document) { all.push_back(std::move(document)); },
        [](const Skipped& skipped) { FAIL(skipped.place << ": " << skipped.finding); });
  return all;
}

constexpr std::string_view kAnnotations = R"(<?xml version="1.0" encoding="UTF-8" ?>
<ldml><annotations>
  <annotation cp="😀">face | grin</annotation>
  <annotation cp="😀" type="tts">grinning face</annotation>
  <annotation cp="☺️" type="tts">smiling face</annotation>
  <annotation cp="🐈" type="tts">↑↑↑</annotation>
</annotations></ldml>)";

TEST_CASE("emoji: annotations give names and keywords without U+FE0F", "[data][emoji]") {
  const auto words = parse_annotations(kAnnotations);
  REQUIRE(words.size() == 2);
  CHECK(words.at("😀").name == "grinning face");
  CHECK(words.at("😀").keywords == "face | grin");
  CHECK(words.at("\u263A").name == "smiling face");
}

TEST_CASE("emoji: variants of one picture are one group", "[data][emoji]") {
  CHECK(emoji_group("\U0001F44D\U0001F3FD") == "\U0001F44D");
  CHECK(emoji_group("\U0001F3C3\U0001F3FB\u200D\u2642") == "\U0001F3C3");
  CHECK(emoji_group("\U0001F468\u200D\U0001F33E") == "\U0001F468\u200D\U0001F33E");
  CHECK(code_points("\U0001F468\u200D\U0001F33E") == "1F468-200D-1F33E");
}

TEST_CASE("emoji: a file that is no font is refused by name", "[data][emoji]") {
  const TempFolder folder;
  const auto path = folder.write("a.ttf", "no font");
  CHECK(message_of<DataError>([&] { EmojiSet(path, {"😀"}); }) ==
        path.string() + ": has no PNG pictures: must be a font with a CBDT table");
  CHECK(message_of<DataError>([&] { EmojiSet("/nowhere.ttf", {"😀"}); }) ==
        "/nowhere.ttf: cannot be read: must be a font");
}

TEST_CASE("emoji: pictures of the font meet the names of the CLDR", "[data][emoji]") {
  const auto context = fetched("fonts-noto-color-emoji");
  if (context.source.empty()) return;
  const auto reader = make_reader(EmojiConfig{}, context);
  const auto english = documents(*reader, 0, 1);
  CHECK(english.size() > 1800);
  std::map<std::string, Split> sides;
  for (const auto& document : english) {
    const auto [side, is_new] = sides.try_emplace(document.key, document.split);
    REQUIRE(side->second == document.split);
    REQUIRE(document.media[0].geometry == Geometry{.width = 136, .height = 128});
    if (document.id == "1F600/en") CHECK(document.parts[1].text == "grinning face");
  }
  CHECK(sides.size() > 1700);
}

TEST_CASE("emoji: each picture has as many captions as are asked for", "[data][emoji]") {
  const auto context = fetched("fonts-noto-color-emoji");
  if (context.source.empty()) return;
  const auto reader = make_reader(EmojiConfig{.languages = {"en", "de", "fr", "ja"}}, context);
  std::map<std::string, std::set<std::string>> languages;
  for (const auto& document : documents(*reader))
    languages[document.media[0].name].insert(document.language);
  for (const auto& [picture, all] : languages) {
    INFO(picture);
    REQUIRE(all.contains("en"));
    REQUIRE(all.size() == 3);
  }
}

TEST_CASE("emoji video: every choice is shown in both orders, on one side", "[data][emoji]") {
  const auto context = fetched("fonts-noto-color-emoji");
  if (context.source.empty()) return;
  const EmojiVideoConfig config{.train_clips = 4, .dev_clips = 2, .test_clips = 4, .size = 32};
  const auto reader = make_reader(config, context);
  REQUIRE(reader->num_units() == 5);
  const auto clips = documents(*reader);
  REQUIRE(clips.size() == 10);
  for (size_t n = 0; n < clips.size(); ++n) {
    const auto& text = clips[n].parts[1].text;
    CHECK(text.starts_with("first "));
    CHECK(text.find(", then ") != std::string::npos);
    CHECK(clips[n].split == (n < 4 ? Split::kTrain : n < 6 ? Split::kDev : Split::kTest));
    CHECK(clips[n].key == clips[n / 2 * 2].key);
    CHECK(clips[n].media[0].geometry.width == 32);
    CHECK(clips[n].media[0].geometry.frames % 4 == 0);
  }
  CHECK(clips[0].parts[1].text != clips[1].parts[1].text);
  CHECK(clips[0].media[0].bytes != clips[1].media[0].bytes);
  CHECK(clips[0].media[0].bytes == documents(*reader, 0, 1)[0].media[0].bytes);
}

TEST_CASE("klettres: a recording, its letter and its language make a document",
          "[data][klettres]") {
  const TempFolder folder;
  folder.write("k/de/sounds.xml",
               "<klettres><language code='de'><alphabet>"
               "<sound name='A' file='de/alpha/a.ogg'/><sound name='Ä' file='de/alpha/ae.ogg'/>"
               "</alphabet></language></klettres>");
  folder.write("k/de/alpha/a.ogg", reka::testing::golden("tone.ogg"));
  folder.write("k/de/alpha/ae.ogg", reka::testing::golden("tone.ogg").substr(0, 1000));
  folder.write("k/de/alpha/unlisted.ogg", reka::testing::golden("tone.ogg"));
  folder.write("k/pt_BR/sounds.xml", "<klettres><sound name='ba' file='pt_BR/ba.ogg'");
  const auto reader = make_reader(KlettresConfig{.path = "k"}, {"letters", folder.path()});
  REQUIRE(reader->num_units() == 2);
  CHECK(reader->inputs().size() == 5);
  std::vector<Document> all;
  std::vector<Skipped> skipped;
  for (size_t unit = 0; unit < 2; ++unit)
    reader->read(
        unit, [&](Document&& document) { all.push_back(std::move(document)); },
        [&](const Skipped& one) { skipped.push_back(one); });
  REQUIRE(all.size() == 1);
  CHECK(all[0].id == "de/alpha/a.ogg");
  CHECK(all[0].key == "de/a");
  CHECK(all[0].language == "de");
  CHECK(all[0].source == "letters");
  CHECK(all[0].split == SplitConfig{.modulus = 10, .test = 1, .dev = 1}.side("de/a"));
  CHECK(all[0].media[0].geometry.seconds == Approx(0.5).margin(0.05));
  CHECK(all[0].parts[1].text == "A");
  REQUIRE(skipped.size() == 2);
  CHECK(skipped[0].place == "de/alpha/ae.ogg");
  CHECK(skipped[0].finding == "audio is truncated: must be a whole file");
  CHECK(skipped[1].place.ends_with("pt_BR/sounds.xml"));
}

TEST_CASE("klettres: a folder without lists is refused by name", "[data][klettres]") {
  const TempFolder folder;
  CHECK(message_of<DataError>([&] {
          make_reader(KlettresConfig{.path = "none"}, {"letters", folder.path()});
        }) == (folder.path() / "none").string() +
                  ": no LOCALE/sounds.xml: must be the folder of klettres");
}

}  // namespace
}  // namespace reka::data
