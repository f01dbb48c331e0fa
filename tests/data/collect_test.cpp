#include "data/corpus/collect.h"

#include <algorithm>
#include <atomic>

#include "reka/base/error.h"
#include "reka/base/files.h"
#include "tests/support/catch.h"
#include "tests/support/temp_folder.h"

namespace reka::data {
namespace {

using testing::TempFolder;

constexpr size_t kUnits = 40;

struct Told {
  size_t fails_at = kUnits;  // none
  FileStates opened;         // by each unit
};

/// Units of some documents each, with something skipped and found.
class MadeReader final : public Reader {
 public:
  explicit MadeReader(const Told& told) : told_(told) {}

  size_t num_units() const override { return kUnits; }
  std::vector<std::filesystem::path> inputs() const override { return {}; }

  void read(size_t unit, const DocumentSink& emit, const SkipSink& skip) const override {
    ++reads;
    if (unit == told_.fails_at) throw DataError("no space left");
    for (size_t n = 0; n <= unit % 5; ++n) {
      Document document;
      document.id = std::to_string(unit) + "/" + std::to_string(n);
      document.language = unit % 2 == 0 ? "de" : "en";
      document.split = unit % 7 == 0 ? Split::kTest : Split::kTrain;
      document.parts = {{.text = "line of " + document.id + "\nanother"}};
      emit(std::move(document));
    }
    if (unit % 3 == 0) skip({"place " + std::to_string(unit), "finding"});
    found_.of(unit) = {.opened = told_.opened, .counts = {{"name", static_cast<int64_t>(unit)}}};
  }
  Findings findings(size_t unit) const override { return found_.take(unit); }

  mutable std::atomic<size_t> reads = 0;

 private:
  Told told_;
  mutable FindingsOfUnits found_;
};

/// One unit of thirty documents of 0.5 MB each, of which every third is skipped, each with a file
/// that it opened.
class LongReader final : public Reader {
 public:
  static constexpr size_t kDocuments = 30;

  LongReader(size_t fails_at, std::filesystem::path medium)
      : fails_at_(fails_at), medium_(std::move(medium)) {}

  size_t num_units() const override { return 1; }
  std::vector<std::filesystem::path> inputs() const override { return {}; }

  void read(size_t unit, const DocumentSink& emit, const SkipSink& skip) const override {
    for (size_t n = 0; n < kDocuments; ++n) {
      if (n == fails_at_) throw DataError("no space left");
      auto& found = found_.of(unit);
      ++found.counts["documents"];
      if (n == kDocuments / 2) found.opened[medium_.string()] = file_state(medium_);
      if (n % 3 == 2) {
        skip({"place " + std::to_string(n), "finding"});
        continue;
      }
      Document document;
      document.id = std::to_string(n);
      document.language = "en";
      document.split = n == 7 ? Split::kTest : Split::kTrain;
      document.parts = {{.text = std::string(500'000, static_cast<char>('a' + n % 26))}};
      emit(std::move(document));
    }
  }
  Findings findings(size_t unit) const override { return found_.take(unit); }

 private:
  size_t fails_at_;
  std::filesystem::path medium_;
  mutable FindingsOfUnits found_;
};

struct Read {
  Collection collection;
  size_t reads = 0;  // units that were read, not taken over

  explicit Read(const std::filesystem::path& folder, const Told& told = {}, size_t threads = 3)
      : collection(folder) {
    std::vector<Source> sources(1);
    sources[0].name = "made";
    auto reader = std::make_unique<MadeReader>(told);
    const auto& counted = reader->reads;
    sources[0].reader = std::move(reader);
    collect(sources, threads, {}, folder, collection);
    reads = counted;
  }
};

/// All that a collection says, in words.
std::string show(const Collection& collection) {
  std::string text;
  for (const auto& chunk : collection.chunks) {
    const auto documents = unpack_documents(collection.spool.read(chunk.place));
    REQUIRE(documents.size() == chunk.count);
    for (size_t n = 0; n < documents.size(); ++n) {
      const auto& mark = collection.marks[chunk.first + n];
      text += documents[n].id + documents[n].parts[0].text + hex(mark.content) +
              collection.language_of(chunk.first + n) + std::to_string(mark.text_bytes) +
              std::to_string(static_cast<int>(mark.split)) + "\n";
    }
  }
  text += hex(xxh3_128(collection.signals->bytes()));
  for (const auto line : collection.held_out_lines) text += hex(line);
  for (const auto& [name, skipped] : collection.skipped) {
    for (const auto& [reason, found] : skipped.reasons()) {
      text += reason + std::to_string(found.count);
      for (const auto& item : found.examples) text += item.place + item.finding;
    }
  }
  for (const auto& [name, findings] : collection.findings) {
    for (const auto& [key, count] : findings.counts) text += key + std::to_string(count);
    for (const auto& [path, state] : findings.opened) text += path + state;
  }
  return text;
}

}  // namespace

TEST_CASE("collect: what was read before an error is not read again, and gives the same",
          "[data][collect]") {
  const TempFolder whole, broken;
  const auto want = show(Read(whole.path()).collection);
  for (const size_t unit : {0, 7, 20, 39}) {
    CHECK_THROWS_WITH(Read(broken.path(), {.fails_at = unit}), "no space left");
  }
  const Read rest(broken.path());
  CHECK(rest.reads < kUnits / 2);
  CHECK(show(rest.collection) == want);
  const Read again(broken.path(), {}, 1);
  CHECK(again.reads == 0);
  CHECK(show(again.collection) == want);
}

TEST_CASE("collect: reading goes on within a unit, and gives the same bytes", "[data][collect]") {
  const TempFolder whole, broken;
  const auto medium = whole.write("medium", "one");
  const auto read = [&](const TempFolder& folder, size_t fails_at) {
    Collection collection(folder.path());
    const auto before = collection.units.size();
    std::vector<Source> sources(1);
    sources[0].name = "long";
    sources[0].reader = std::make_unique<LongReader>(fails_at, medium);
    collect(sources, 1, {}, folder.path(), collection);
    return std::pair(before, show(collection));
  };
  const auto want = read(whole, LongReader::kDocuments).second;
  const auto documents = read_file(whole.path() / "documents-0");
  for (const size_t n : {5, 14, 16, 29}) CHECK_THROWS_WITH(read(broken, n), "no space left");
  CHECK((read(broken, LongReader::kDocuments) == std::pair(size_t{2}, want)));
  CHECK((read_file(broken.path() / "documents-0") == documents));
  CHECK((read(broken, 0) == std::pair(size_t{3}, want)));  // nothing is read again

  whole.write("medium", "another");
  CHECK_THROWS_WITH(read(broken, 0), "no space left");
  const auto changed = read(broken, LongReader::kDocuments);
  CHECK(changed.second != want);
  CHECK(read(whole, LongReader::kDocuments).second == changed.second);
}

TEST_CASE("prepare: a document of white space is none, white space between parts stays",
          "[data][collect]") {
  const Preparer preparer(PrepareConfig{});
  Document blank;
  blank.parts = {{.text = " \n\n"}, {.text = "\t"}};
  CHECK_FALSE(preparer.prepare(blank, "en"));
  Document chat;
  chat.parts = {{.text = "a"},
                {.kind = Part::Kind::kSpecial, .text = "<sep>"},
                {.text = "\n\n"},
                {.kind = Part::Kind::kSpecial, .text = "<sep>"}};
  REQUIRE(preparer.prepare(chat, "en"));
  CHECK(chat.parts.size() == 4);
}

TEST_CASE("collect: damage to what was read before is found and read again", "[data][collect]") {
  const TempFolder undamaged;
  const auto want = show(Read(undamaged.path()).collection);
  const auto check_damaged = [&](const std::string& name, size_t tenths, bool cuts) {
    INFO(name << ", tenths " << tenths << (cuts ? ", cut" : ", flipped"));
    const TempFolder folder;  // of one process: every byte of it is used
    CHECK(Read(folder.path()).reads == kUnits);
    auto bytes = read_file(folder.path() / name);
    const auto at = std::min(bytes.size() * tenths / 10, bytes.size() - 17);  // 16 zeros end it
    if (cuts) {
      bytes.resize(at);
    } else {
      bytes[at] = static_cast<char>(bytes[at] ^ 4);
    }
    folder.write(name, bytes);
    const Read again(folder.path());
    CHECK(again.reads > 0);
    CHECK(show(again.collection) == want);
    CHECK(Read(folder.path()).reads == 0);
  };
  for (const std::string name : {"units-0", "documents-0"}) {
    for (const size_t tenths : {1, 5, 10}) {
      check_damaged(name, tenths, false);
      check_damaged(name, tenths, true);
    }
  }
}

TEST_CASE("collect: a unit is read again when a file that it opened has changed",
          "[data][collect]") {
  const TempFolder folder;
  const auto path = folder.write("medium", "one");
  const Told told{.opened = {{path.string(), file_state(path)}}};
  CHECK(Read(folder.path(), told).reads == kUnits);
  CHECK(Read(folder.path(), told).reads == 0);
  folder.write("medium", "longer than before");
  CHECK(Read(folder.path(), told).reads == kUnits);
}

}  // namespace reka::data
