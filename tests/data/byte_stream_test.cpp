#include "data/corpus/byte_stream.h"

#include <fstream>

#include "data/corpus/jsonl.h"
#include "data/corpus/pages.h"
#include "reka/base/error.h"
#include "tests/data/corpus.h"
#include "tests/data/packed.h"
#include "tests/support/catch.h"
#include "tests/support/temp_folder.h"

namespace reka::data {
namespace {

using testing::gzip;
using testing::noise;
using testing::TempFolder;
using testing::zstandard;

/// What a file gives in pieces of `piece` bytes, and the error behind it.
struct Streamed {
  std::string bytes, error;

  explicit Streamed(const std::filesystem::path& path, size_t piece = 1000) {
    try {
      ByteStream stream(path);
      std::string buffer(piece, '\0');
      while (const auto got = stream.read(buffer.data(), buffer.size())) {
        bytes.append(buffer, 0, got);
      }
    } catch (const DataError& failure) {
      error = failure.what();
    }
  }
};

/// A line of /proc/self/status in bytes; with `reset` the high mark VmHWM starts anew.
int64_t memory(const std::string& name, bool reset = false) {
  if (reset) std::ofstream("/proc/self/clear_refs") << 5;
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name + ":")) return std::stoll(line.substr(name.size() + 1)) << 10;
  }
  return -1;
}

}  // namespace

TEST_CASE("byte stream: plain, gzip and Zstandard give the same bytes, in pieces of any size",
          "[data][byte_stream]") {
  const TempFolder folder;
  const auto text = noise(700'000, 1);
  for (const auto& packed : {text, gzip(text), zstandard(text)}) {
    const auto path = folder.write("file", packed);
    for (const size_t piece : {1'000, 65'536, 1'000'000}) {
      const Streamed streamed(path, piece);
      CHECK(streamed.error.empty());
      CHECK(streamed.bytes == text);
    }
  }
  for (const auto& nothing : {std::string(), gzip(""), zstandard("")}) {
    const Streamed streamed(folder.write("file", nothing));
    CHECK(streamed.error.empty());
    CHECK(streamed.bytes.empty());
  }
}

TEST_CASE("byte stream: several members and frames follow each other, padding is passed over",
          "[data][byte_stream]") {
  const TempFolder folder;
  const auto skippable = std::string("\x51\x2a\x4d\x18\x03\0\0\0abc", 11);
  CHECK(Streamed(folder.write("a", gzip("one ") + gzip("") + gzip("two"))).bytes == "one two");
  CHECK(Streamed(folder.write("a", gzip("one") + std::string(700, '\0'))).bytes == "one");
  CHECK(Streamed(folder.write("a", zstandard("one ") + skippable + zstandard("two"))).bytes ==
        "one two");
  CHECK(Streamed(folder.write("a", skippable + zstandard("one"))).bytes == "one");
}

TEST_CASE("byte stream: what stands before damage is given, then the damage is told",
          "[data][byte_stream]") {
  const TempFolder folder;
  const auto text = noise(400'000, 2);
  for (const auto& packed : {gzip(text), zstandard(text)}) {
    const Streamed cut(folder.write("cut", packed.substr(0, packed.size() - 5)));
    CHECK(cut.error == "truncated: ends within what is packed");
    CHECK(cut.bytes.size() > text.size() / 2);
    CHECK(text.starts_with(cut.bytes));
    const Streamed followed(folder.write("followed", packed + "no packing"));
    CHECK(followed.error.starts_with("damaged "));
    CHECK(followed.bytes == text);
    auto flipped = packed;
    flipped[packed.size() * 3 / 4] ^= 0x10;
    const Streamed damaged(folder.write("flipped", flipped));
    if (damaged.error.empty()) CHECK(damaged.bytes != text);  // Zstandard's checksum is an option
  }
  CHECK(Streamed(folder.path() / "none").error == "cannot be read");
  CHECK(Streamed(folder.path()).error == "cannot be read");
}

TEST_CASE("line reader: lines keep their bytes but the end, the last may have none",
          "[data][byte_stream]") {
  const TempFolder folder;
  LineReader lines(folder.write("lines", gzip("one\n\ntwo\r\nthree")), 100);
  for (const std::string want : {"one", "", "two\r", "three"}) {
    REQUIRE(lines.next() == LineReader::Got::kLine);
    CHECK(lines.line() == want);
    CHECK(lines.bytes() == static_cast<int64_t>(want.size()));
  }
  CHECK(lines.number() == 4);
  CHECK(lines.next() == LineReader::Got::kEnd);
}

TEST_CASE("line reader: a line beyond the limit is left out and never held",
          "[data][byte_stream]") {
  const TempFolder folder;
  constexpr int64_t kHuge = 64 << 20;
  const auto path = folder.write("lines", zstandard("a\n" + std::string(kHuge, 'x') + "\nb"));
  const auto before = memory("VmRSS", true);
  LineReader lines(path, 1 << 20);
  CHECK(lines.next() == LineReader::Got::kLine);
  CHECK(lines.next() == LineReader::Got::kTooLong);
  CHECK(lines.line().empty());
  CHECK(lines.bytes() == kHuge);
  CHECK(memory("VmHWM") - before < kHuge / 4);
  CHECK(lines.next() == LineReader::Got::kLine);
  CHECK(lines.line() == "b");
  CHECK(lines.number() == 3);
}

TEST_CASE("jsonl: packed files are read as plain ones, a cut one up to the cut",
          "[data][byte_stream]") {
  const TempFolder folder;
  std::string records;
  for (int n = 0; n < 3000; ++n) {
    records += R"({"id": ")" + std::to_string(n) + R"(", "text": ")" + noise(60, n) + "\"}\n";
  }
  const auto read = [&](const std::string& bytes) {
    folder.write("r/a.jsonl", bytes);
    return ReadAll(*make_reader(JsonLinesConfig{{.path = "r/*"}}, {"s", folder.path()}));
  };
  const auto plain = read(records);
  REQUIRE(plain.documents.size() == 3000);
  for (const auto& packed : {gzip(records), zstandard(records)}) {
    const auto whole = read(packed);
    CHECK(whole.skipped.empty());
    REQUIRE(whole.documents.size() == 3000);
    CHECK(whole.documents[2999].parts[0].text == plain.documents[2999].parts[0].text);
    const auto cut = read(packed.substr(0, packed.size() - 20));
    REQUIRE(cut.skipped.size() == 1);
    CHECK(cut.skipped[0].place == (folder.path() / "r/a.jsonl").string());
    CHECK(cut.skipped[0].finding == "truncated: ends within what is packed; " +
                                        std::to_string(cut.documents.size()) +
                                        " lines before it were read");
    CHECK(cut.documents.size() > 1000);
  }
}

TEST_CASE("jsonl: a line beyond the limit is skipped by its number", "[data][byte_stream]") {
  const TempFolder folder;
  folder.write("a.jsonl", "{\"text\": \"one\"}\n{\"text\": \"" + std::string(5000, 'x') +
                              "\"}\n{\"text\": \"three\"}\n");
  const ReadAll all(*make_reader(JsonLinesConfig{{.path = "*.jsonl", .max_record_bytes = 1000}},
                                 {"s", folder.path()}));
  REQUIRE(all.documents.size() == 2);
  CHECK(all.documents[1].id == "a.jsonl:3");
  REQUIRE(all.skipped.size() == 1);
  CHECK(all.skipped[0].place.ends_with("a.jsonl:2"));
  CHECK(all.skipped[0].finding == "line of 5012 bytes: at most max_record_bytes, 1000");
}

TEST_CASE("pages: packed pages are read, too large and cut ones are told", "[data][byte_stream]") {
  const TempFolder folder;
  folder.write("a.txt.gz", gzip("ein Text"));
  folder.write("b.txt.zst", zstandard("noch ein Text"));
  folder.write("c.txt.gz", gzip(std::string(5000, 'x')));
  folder.write("d.txt.gz", gzip(noise(900, 1)).substr(0, 400));
  const TextConfig config{{.path = "*.txt.*", .min_characters = 1, .max_page_bytes = 1000}};
  const ReadAll all(*make_reader(config, {"s", folder.path()}));
  REQUIRE(all.documents.size() == 2);
  CHECK(all.documents[0].parts[0].text == "ein Text");
  CHECK(all.documents[1].parts[0].text == "noch ein Text");
  REQUIRE(all.skipped.size() == 2);
  CHECK(all.skipped[0].finding == "more than 1000 bytes");
  CHECK(all.skipped[1].finding == "truncated: ends within what is packed");
}

}  // namespace reka::data
