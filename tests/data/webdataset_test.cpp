#include "data/corpus/webdataset.h"

#include <fmt/format.h>

#include "data/corpus/tar.h"
#include "tests/data/corpus.h"
#include "tests/data/media_files.h"
#include "tests/data/packed.h"
#include "tests/support/catch.h"
#include "tests/support/temp_folder.h"

namespace reka::data {
namespace {

using testing::golden;
using testing::gzip;
using testing::kTarBlock;
using testing::kTarEnd;
using testing::Members;
using testing::noise;
using testing::tar;
using testing::TempFolder;
using testing::zstandard;

ReadAll read_archive(const std::string& archive, WebDatasetConfig config = {}) {
  const TempFolder folder;
  folder.write("shards/00.tar", archive);
  config.path = "shards/*";
  auto all = ReadAll(*make_reader(config, {"web", folder.path()}));
  const auto begin = (folder.path() / "shards/").string();
  for (auto& item : all.skipped) {
    if (item.place.starts_with(begin)) item.place.erase(0, begin.size());
  }
  return all;
}

/// "place: finding" of all that was skipped.
std::vector<std::string> findings(const ReadAll& all) {
  std::vector<std::string> lines;
  for (const auto& item : all.skipped) lines.push_back(item.place + ": " + item.finding);
  return lines;
}

std::vector<std::string> ids(const ReadAll& all) {
  std::vector<std::string> names;
  for (const auto& document : all.documents) names.push_back(document.id);
  return names;
}

/// Three texts that fill some blocks.
Members three() {
  return {{"a.txt", noise(900, 1)}, {"b.txt", noise(900, 2)}, {"c.txt", noise(900, 3)}};
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("webdataset: members of one key are one document, media before the text",
          "[data][webdataset]") {
  const Members members = {{"x/1.txt", " a caption\n"},
                           {"x/1.png", golden("rgb.png")},
                           {"x/1.json", R"({"caption": "another"})"},
                           {"x/2.json", R"({"caption": "of JSON", "url": 1})"},
                           {"x/2.JPG", golden("rgb.jpg")},
                           {"x/3.txt", "text alone"},
                           {"y/1.ogg", golden("tone.ogg")},
                           {"y/1.mp4", golden("clip.mp4")},
                           {"y/1.left.png", golden("rgb.png")},
                           {"y/1.txt", "all"}};
  for (const auto& archive : {tar(members), gzip(tar(members)), zstandard(tar(members))}) {
    const auto all = read_archive(archive);
    CHECK(findings(all).empty());
    REQUIRE(ids(all) == Lines{"00.tar/x/1", "00.tar/x/2", "00.tar/x/3", "00.tar/y/1"});
    const auto& first = all.documents[0];
    REQUIRE(first.parts.size() == 2);
    CHECK(first.parts[0].kind == Part::Kind::kMedia);
    CHECK(first.parts[1].text == "a caption");
    CHECK(first.media[0].bytes == golden("rgb.png"));
    CHECK(first.media[0].geometry.width > 0);
    CHECK(first.source == "web");
    CHECK(all.documents[1].parts[1].text == "of JSON");
    CHECK(all.documents[2].parts.size() == 1);
    const auto& last = all.documents[3];
    REQUIRE(last.media.size() == 3);
    CHECK(last.media[0].modality == Modality::kImage);
    CHECK(last.media[1].modality == Modality::kVideo);
    CHECK(last.media[2].modality == Modality::kAudio);
    CHECK(first.key == last.key);  // of one picture
  }
}

TEST_CASE("webdataset: the key of the text is a setting, other files are counted",
          "[data][webdataset]") {
  const auto archive = tar({{"1.json", R"({"alt": "of alt"})"},
                            {"1.cls", "7"},
                            {"2.cls", "8"},
                            {"README", "no sample"},
                            {"3.json", "{}"}});
  const auto all = read_archive(archive, {.caption_key = "alt"});
  REQUIRE(all.documents.size() == 1);
  CHECK(all.documents[0].parts[0].text == "of alt");
  CHECK(findings(all) == Lines{"00.tar/3: no text: must have a .txt, or \"alt\" in a .json"});
  CHECK(all.notes == Lines{"1 files \".\" of the archives are not read",
                           "2 files \".cls\" of the archives are not read"});
}

TEST_CASE("webdataset: samples that cannot be used are skipped alone", "[data][webdataset]") {
  const auto all = read_archive(tar({{"1.txt", "gr\xFCn"},
                                     {"2.txt", "a"},
                                     {"2.png", "no picture"},
                                     {"3.json", "{\"caption\": "},
                                     {"4.png", golden("rgb.png")},
                                     {"5.txt", std::string(2000, 'x')},
                                     {"6.txt", "good"}}),
                                {.max_file_bytes = 1500});
  CHECK(ids(all) == Lines{"00.tar/6"});
  REQUIRE(all.skipped.size() == 5);
  CHECK(all.skipped[0].finding == "not UTF-8 at byte 2");
  CHECK_THAT(all.skipped[1].finding, Catch::StartsWith("2.png: "));
  CHECK_THAT(all.skipped[2].finding, Catch::StartsWith("not JSON: "));
  CHECK_THAT(all.skipped[3].finding, Catch::StartsWith("no text: "));
  CHECK(all.skipped[4].finding == ".txt of 2000 bytes: at most max_file_bytes, 1500");
}

TEST_CASE("webdataset: a sample with a link is skipped, a caption in capitals is one",
          "[data][webdataset]") {
  auto archive =
      tar({{"a.png", ""}, {"a.txt", "linked"}, {"b.PNG", golden("rgb.png")}, {"b.TXT", "b"}});
  archive[156] = '2';  // a symbolic link, in the first header
  archive.replace(157, 5, "c.png");
  archive.replace(148, 8, "        ");
  unsigned sum = 0;
  for (size_t n = 0; n < kTarBlock; ++n) sum += static_cast<uint8_t>(archive[n]);
  archive.replace(148, 8, fmt::format("{:06o}", sum) + std::string("\0 ", 2));
  const auto all = read_archive(archive);
  CHECK(ids(all) == Lines{"00.tar/b"});
  CHECK(findings(all) == Lines{"00.tar/a: .png is a link: must be a file"});
}

TEST_CASE("webdataset: two samples of one key are never mixed", "[data][webdataset]") {
  const auto apart = read_archive(
      tar({{"a.txt", "one"}, {"b.txt", "two"}, {"a.txt", "three"}, {"c.txt", "four"}}));
  CHECK(ids(apart) == Lines{"00.tar/a", "00.tar/b", "00.tar/c"});
  CHECK(apart.documents[0].parts[0].text == "one");
  CHECK(findings(apart) == Lines{"00.tar/a: second sample of this key in the archive"});
  const auto together =
      read_archive(tar({{"a.txt", "one"}, {"a.json", "{}"}, {"a.txt", "two"}, {"b.txt", "three"}}));
  CHECK(ids(together) == Lines{"00.tar/b"});
  CHECK(findings(together) == Lines{"00.tar/a: two files .txt under one key: must be one"});
}

TEST_CASE("webdataset: a broken header costs the samples beside it and no other",
          "[data][webdataset]") {
  auto members = three();
  members.emplace_back("d.txt", noise(900, 4));
  members.emplace_back("e.txt", noise(900, 5));
  auto archive = tar(members);
  archive[3 * kTarBlock * 3 + 5] ^= 1;  // in the name of d: its header's sum is wrong
  const auto all = read_archive(archive);
  CHECK(ids(all) == Lines{"00.tar/a", "00.tar/b"});
  CHECK(findings(all) ==
        Lines{"00.tar: a header that is none of a tar's; 2 samples before it were read",
              "00.tar/c: stands where the archive is damaged: may be incomplete",
              "00.tar/e: stands behind damage of the archive: may be incomplete"});
}

TEST_CASE("webdataset: a cut archive gives what stands whole before the cut",
          "[data][webdataset]") {
  const auto whole = tar(three());
  const auto data_bytes = whole.size() - kTarEnd;
  REQUIRE(data_bytes % 3 == 0);
  for (size_t bytes = 1; bytes < whole.size(); bytes += 97) {
    const auto all = read_archive(whole.substr(0, bytes));
    INFO(bytes);
    CHECK(all.documents.size() <= bytes / (data_bytes / 3));
    CHECK(all.documents.size() + 2 > bytes / (data_bytes / 3));
    if (bytes < data_bytes + kTarBlock) {
      REQUIRE_FALSE(all.skipped.empty());
      CHECK(all.skipped.back().place == "00.tar");
    }
  }
  const auto at_edge = read_archive(whole.substr(0, data_bytes));
  CHECK(ids(at_edge) == Lines{"00.tar/a", "00.tar/b"});
  CHECK(
      findings(at_edge) ==
      Lines{"00.tar/c: stands where the archive is damaged: may be incomplete",
            "00.tar: truncated: ends without the mark of its end; 2 samples before it were read"});
  const auto packed = read_archive(gzip(whole).substr(0, gzip(whole).size() - 100));
  REQUIRE(packed.skipped.size() > 0);
  CHECK_THAT(packed.skipped.back().finding, Catch::StartsWith("truncated: ends within what is"));
}

TEST_CASE("webdataset: what is no archive is told", "[data][webdataset]") {
  for (const auto& bytes : {std::string(), std::string("no archive"), noise(5000, 1),
                            std::string("PK\x03\x04\xff", 5), gzip("no archive")}) {
    const auto all = read_archive(bytes);
    CHECK(all.documents.empty());
    REQUIRE(all.skipped.size() == 1);
    CHECK(all.skipped[0].place == "00.tar");
  }
  CHECK(read_archive(std::string(kTarEnd, '\0')).skipped.empty());
}

TEST_CASE("tar: names with other letters, long names and archives behind one another are read",
          "[data][webdataset]") {
  const TempFolder folder;
  auto long_name = std::string(90, 'n');
  long_name.append("ö.txt");  // with + GCC 12 warns of nothing
  const auto path = folder.write("a.tar", tar({{"grün.txt", "one"}}) + tar({{long_name, "two"}}));
  TarReader reader(path, 100);
  TarReader::Member member;
  REQUIRE(reader.next(member) == TarReader::Got::kFile);
  CHECK(member.name == "grün.txt");
  CHECK(member.bytes == "one");
  REQUIRE(reader.next(member) == TarReader::Got::kFile);
  CHECK(member.name == long_name);
  CHECK(reader.next(member) == TarReader::Got::kEnd);
}

}  // namespace reka::data
