#include <algorithm>
#include <cstring>
#include <map>

#include <sys/wait.h>
#include <unistd.h>

#include "data/shards/reader.h"
#include "data/shards/writer.h"
#include "reka/base/error.h"
#include "reka/base/files.h"
#include "reka/base/hash.h"
#include "tests/data/made_samples.h"
#include "tests/support/catch.h"
#include "tests/support/temp_folder.h"

namespace reka::data {
namespace {

namespace fs = std::filesystem;
using testing::media_sample;
using testing::text_sample;

std::vector<Sample> mixed_samples() {
  auto samples = testing::text_samples(5, 40, 1);
  samples.push_back(media_sample("cat", Modality::kImage, {32, 16, 0, 0}, "a cat"));
  samples.push_back(media_sample("a", Modality::kAudio, {0, 0, 0, 1.5F}, "the letter a"));
  samples.push_back(media_sample("clip", Modality::kVideo, {32, 32, 8, 2.0F}, "first, then"));
  samples[1].language = "de";
  samples[2].split = Split::kDev;
  samples[3].targets = {{0, 1}, {2, 1}};
  samples[4].tokens[0] = 70000;
  samples[4].whole = true;
  return samples;
}

Manifest write(const fs::path& folder, const std::vector<Sample>& samples,
               ShardWriterConfig config = {.tokenizer = 7}) {
  ShardWriter writer(folder, config);
  for (const auto& sample : samples) writer.add(sample);
  return writer.finish();
}

void check_equal(const Sample& got, const Sample& want) {
  CHECK(got.tokens == want.tokens);
  CHECK(std::ranges::equal(got.targets, want.targets, [](auto a, auto b) {
    return a.begin == b.begin && a.length == b.length;
  }));
  CHECK(got.text_bytes == want.text_bytes);
  CHECK(got.document_id == want.document_id);
  CHECK(got.whole == want.whole);
  CHECK(got.key == want.key);
  CHECK(got.source == want.source);
  CHECK(got.language == want.language);
  CHECK(got.split == want.split);
  REQUIRE(got.media.size() == want.media.size());
  for (size_t i = 0; i < got.media.size(); ++i) {
    CHECK(got.media[i].modality == want.media[i].modality);
    CHECK(got.media[i].geometry == want.media[i].geometry);
    CHECK(got.media[i].token == want.media[i].token);
    CHECK(std::ranges::equal(got.media[i].bytes, want.media[i].bytes));
  }
}

/// The words of the DataError that opening the file and reading all its samples ends in, or "".
std::string finding(const fs::path& file) {
  try {
    const ShardReader reader(file);
    for (size_t i = 0; i < reader.size(); ++i) reader.sample(i);
  } catch (const DataError& error) {
    return error.what();
  }
  return "";
}

std::map<std::string, std::string> files_of(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::directory_iterator(folder))
    files[entry.path().filename()] = read_file(entry.path());
  return files;
}

}  // namespace

TEST_CASE("shards: samples come back as they were written", "[data][shards]") {
  const testing::TempFolder temporary;
  const auto folder = temporary.path() / "shards";
  const auto samples = mixed_samples();
  const auto manifest = write(folder, samples);

  std::map<std::string, Sample> read;
  for (const auto split : {Split::kTrain, Split::kDev, Split::kTest})
    visit_samples(folder, split, [&](Sample&& sample) {
      read[sample.document_id] = std::move(sample);
      return true;
    });
  REQUIRE(read.size() == samples.size());
  for (const auto& sample : samples) check_equal(read[sample.document_id], sample);

  CHECK(manifest.languages == std::vector<std::string>{"en", "de"});
  CHECK(manifest.sources.size() == 4);
  CHECK(manifest.counts("text", Split::kTrain).samples == 4);
  CHECK(manifest.counts("text", Split::kDev).samples == 1);
  CHECK(manifest.counts("", Split::kTrain).images == 1);
  CHECK(manifest.counts("audio", Split::kTrain).targets == 13);
}

TEST_CASE("shards: a view knows lengths and media before it reads the tokens", "[data][shards]") {
  const testing::TempFolder temporary;
  const auto folder = temporary.path() / "shards";
  write(folder, {media_sample("cat", Modality::kImage, {32, 16, 0, 0}, "a cat")});
  const ShardReader reader(folder / "image-train-00000.shard");
  REQUIRE(reader.size() == 1);
  CHECK(reader.num_tokens(0) == 9);
  CHECK(reader.whole(0));
  CHECK(reader.media(0)[0].geometry() == Geometry{32, 16, 0, 0});
  CHECK(reader.document_id(0) == "cat");
  CHECK(reader.source() == "image");
  CHECK(reader.id(0) == reader.sample(0).id);
}

TEST_CASE("shards: the same samples give the same bytes, and other samples other ids",
          "[data][shards]") {
  const testing::TempFolder temporary;
  const auto samples = mixed_samples();
  write(temporary.path() / "a", samples);
  write(temporary.path() / "b", samples);
  CHECK(files_of(temporary.path() / "a") == files_of(temporary.path() / "b"));

  auto other = samples[5];
  const auto id = content_hash(other.tokens, other.targets, other.media);
  other.media[0].geometry.width += 1;
  CHECK(content_hash(other.tokens, other.targets, other.media) != id);
}

TEST_CASE("shards: a group is closed at its size and its number is in its name", "[data][shards]") {
  const testing::TempFolder temporary;
  const auto folder = temporary.path() / "shards";
  const auto samples = testing::text_samples(50, 100, 3);
  const auto manifest = write(folder, samples, {.tokenizer = 7, .shard_bytes = 1000});
  REQUIRE(manifest.shards.size() > 4);
  CHECK(manifest.shards[1].file == "text-train-00001.shard");
  CHECK(manifest.counts("text", Split::kTrain).samples == 50);
}

TEST_CASE("shards: every flipped bit is refused or found in its sample", "[data][shards]") {
  const testing::TempFolder temporary;
  const auto folder = temporary.path() / "shards";
  auto image = media_sample("cat", Modality::kImage, {32, 16, 0, 0}, "a cat");
  image.source = "text";
  write(folder, {text_sample("one", "some text"), image});
  const auto good = read_file(folder / "text-train-00000.shard");
  const auto file = temporary.path() / "flipped.shard";
  write_file_atomic(file, good);
  REQUIRE(finding(file).empty());
  for (size_t i = 0; i < good.size(); ++i) {
    auto bad = good;
    bad[i] = static_cast<char>(bad[i] ^ (1 << (i % 8)));
    write_file_atomic(file, bad);
    const auto words = finding(file);
    INFO("byte " << i << " of " << good.size() << ": " << words);
    REQUIRE(words.starts_with(file.string() + ": "));
    REQUIRE(words.find('\n') == std::string::npos);
  }
}

TEST_CASE("shards: truncated, empty and foreign files are refused by name", "[data][shards]") {
  const testing::TempFolder temporary;
  const auto folder = temporary.path() / "shards";
  write(folder, mixed_samples());
  const auto good = read_file(folder / "text-train-00000.shard");
  const auto file = temporary.path() / "cut.shard";
  for (size_t length = 0; length < good.size(); length += 1 + length / 40) {
    write_file_atomic(file, good.substr(0, length));
    INFO(length << " of " << good.size() << " bytes");
    REQUIRE(finding(file).starts_with(file.string() + ": "));
  }
  write_file_atomic(file, good + "x");
  CHECK(finding(file).find("bytes long") != std::string::npos);
  write_file_atomic(file, std::string(5000, 'x'));
  CHECK(finding(file).find("not a shard") != std::string::npos);
  CHECK_THROWS_AS(ShardReader(temporary.path() / "absent.shard"), DataError);
}

TEST_CASE("shards: counts so large that their bytes fit again are refused", "[data][shards]") {
  const testing::TempFolder temporary;
  const auto folder = temporary.path() / "shards";
  write(folder, mixed_samples());
  const auto good = read_file(folder / "text-train-00000.shard");
  for (const auto member : {&ShardHeader::num_tokens, &ShardHeader::num_targets}) {
    auto bytes = good;
    ShardHeader header;
    std::memcpy(&header, bytes.data(), sizeof(header));
    header.*member += 1ULL << 63U;
    auto& index = header.sections[static_cast<size_t>(Section::kIndex)];
    const IndexLayout at(header.num_samples, header.num_languages);
    if (member == &ShardHeader::num_tokens)  // what the last sample ends at agrees
      std::memcpy(bytes.data() + index.offset + at.token_begin + 8 * header.num_samples,
                  &header.num_tokens, sizeof(header.num_tokens));
    index.hash = xxh3_64(std::string_view(bytes).substr(index.offset, index.length));
    header.hash = header.compute_hash();
    std::memcpy(bytes.data(), &header, sizeof(header));
    std::memcpy(bytes.data() + bytes.size() - sizeof(header), &header, sizeof(header));
    const auto file = temporary.path() / "counts.shard";
    write_file_atomic(file, bytes);
    CHECK_THAT(finding(file), Catch::Contains("counts out of range"));
  }
}

TEST_CASE("shards: a manifest refuses damage, other tokenizers and exchanged shards",
          "[data][shards]") {
  const testing::TempFolder temporary;
  const auto folder = temporary.path() / "shards";
  const auto manifest = write(folder, mixed_samples());
  CHECK_THROWS_WITH(manifest.expect_tokenizer(8, folder), Catch::Contains("tokenizer"));
  CHECK_NOTHROW(manifest.expect_tokenizer(7, folder));

  fs::copy_file(folder / "text-dev-00000.shard", folder / "text-train-00000.shard",
                fs::copy_options::overwrite_existing);
  CHECK_THROWS_WITH(visit_samples(folder, Split::kTrain, [](Sample&&) { return true; }),
                    Catch::Contains("text-train-00000.shard: not the file"));

  auto text = read_file(folder / "manifest.json");
  text.replace(text.find("\"samples\": 3"), 12, "\"samples\": 4");
  write_file_atomic(folder / "manifest.json", text);
  CHECK_THROWS_WITH(Manifest::load(folder), Catch::Contains("manifest.json: damaged"));
  CHECK_THROWS_WITH(Manifest::load(temporary.path()), Catch::Contains("no manifest.json"));
}

TEST_CASE("shards: what a killed writer left goes with the next one, of a living one stays",
          "[data][shards]") {
  const testing::TempFolder temporary;
  const auto dead = fork();
  if (dead == 0) _exit(0);
  waitpid(dead, nullptr, 0);
  const auto left = temporary.write(fmt::format(".shards.tmp-{}-0/a.shard", dead), "half");
  const auto of_another = temporary.write(fmt::format(".words.tmp-{}-0/a.shard", dead), "half");
  const auto in_use = temporary.write(fmt::format(".shards.tmp-{}-7/a.shard", getpid()), "half");
  const auto older = temporary.write(fmt::format(".shards.tmp-{}-0-old/a.shard", dead), "whole");
  write(temporary.path() / "shards", {text_sample("one", "some text")});
  CHECK_FALSE(fs::exists(left.parent_path()));
  CHECK(fs::exists(of_another));
  CHECK(fs::exists(in_use));
  CHECK(fs::exists(older));
}

TEST_CASE("shards: a folder that lost its manifest is written again", "[data][shards]") {
  const testing::TempFolder temporary;
  const auto folder = temporary.path() / "shards";
  const std::vector<Sample> samples = {text_sample("one", "some text")};
  write(folder, samples);
  const auto before = files_of(folder);
  fs::remove(folder / Manifest::kFileName);
  write(folder, samples);
  CHECK(files_of(folder) == before);
}

TEST_CASE("shards: a writer refuses contradictions and folders of others", "[data][shards]") {
  const testing::TempFolder temporary;
  ShardWriter writer(temporary.path() / "shards", {.tokenizer = 7});
  auto sample = text_sample("one", "some text");
  sample.targets = {{8, 3}};
  CHECK_THROWS_WITH(writer.add(sample), Catch::Contains("text/one"));
  sample.targets.clear();
  CHECK_NOTHROW(writer.add(sample));
  sample.tokens.clear();
  CHECK_THROWS_AS(writer.add(sample), DataError);
  CHECK_THROWS_AS(writer.add_source({.name = "../outside"}), DataError);

  write_file_atomic(temporary.path() / "mine" / "letter.txt", "dear");
  CHECK_THROWS_WITH(ShardWriter(temporary.path() / "mine", {.tokenizer = 7}),
                    Catch::Contains("holds something else"));
}

}  // namespace reka::data
