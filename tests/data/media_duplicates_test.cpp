#include "data/corpus/media_duplicates.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include <ATen/TensorOperators.h>
#include <ATen/ops/zeros.h>

#include "data/corpus/exact_duplicates.h"
#include "data/media/image.h"
#include "reka/base/random.h"
#include "tests/data/corpus.h"
#include "tests/data/made_media.h"
#include "tests/support/catch.h"
#include "tests/support/temp_folder.h"

namespace reka::data {
namespace {

using testing::captioned;
using testing::clip_file;
using testing::decoded;
using testing::melody_file;
using testing::picture_file;
using testing::scene;

PictureHash random_hash(uint64_t seed) {
  PictureHash hash;
  for (size_t n = 0; n < hash.words.size(); ++n) hash.words[n] = mix64(seed, n);
  return hash;
}

// `bits` of the 256 at random places are changed.
PictureHash changed(PictureHash hash, uint64_t seed, uint64_t bits) {
  const Permutation places(256, seed);
  for (uint64_t n = 0; n < bits; ++n) {
    hash.words[places(n) / 64] ^= uint64_t{1} << (places(n) % 64);
  }
  return hash;
}

Fingerprint print_of(const PictureHash& hash, uint64_t seed, size_t symmetry = 0) {
  Fingerprint made;
  for (size_t n = 0; n < kNumSymmetries; ++n) {
    made.pictures.push_back(n == symmetry ? hash : random_hash(mix64(seed, n)));
  }
  return made;
}

using Pairs = std::set<std::pair<uint64_t, uint64_t>>;

Pairs found_pairs(MediaMatches& matches) {
  Pairs pairs;
  matches.visit(
      [&](uint64_t a, uint64_t b) {
        return pairs.contains({a, b});
      },
      [&](uint64_t a, uint64_t b) { pairs.emplace(a, b); });
  return pairs;
}

// Pairs of hashes that differ in so many bits; how many are found.
size_t count_found(uint64_t pairs, uint64_t bits, uint64_t memory = 64 << 20) {
  const testing::TempFolder folder;
  MediaMatches matches({}, memory, folder.path());
  for (uint64_t n = 0; n < pairs; ++n) {
    matches.add(print_of(random_hash(n), n));
    matches.add(print_of(changed(random_hash(n), n, bits), pairs + n, n % kNumSymmetries));
  }
  const auto found = found_pairs(matches);
  for (const auto& [a, b] : found) CHECK((a % 2 == 0 && b == a + 1));
  return found.size();
}

struct Outcome {
  std::vector<bool> kept;
  Json media;
  Json graph;
};

Outcome outcome(std::vector<Document> documents, const MediaDuplicateConfig& config = {},
                size_t threads = 2, uint64_t memory = 512 << 20) {
  const testing::TempFolder folder;
  Collection corpus(folder.path());
  fill(documents, corpus);
  // A source for each chunk of two documents.
  std::vector<std::string> sources;
  for (auto& chunk : corpus.chunks) {
    chunk.source = sources.size();
    sources.push_back("source" + std::to_string(sources.size()));
  }
  Selection selection(corpus, threads);
  DuplicateGraph graph(corpus, sources);
  MediaDuplicates stage(config, {folder.path(), memory}, graph);
  stage.run(selection);
  graph.run(selection);
  Outcome found{.media = stage.json(), .graph = graph.json()};
  for (size_t n = 0; n < documents.size(); ++n) found.kept.push_back(selection.keeps(n));
  return found;
}

// Copies of one picture as they come, and others.
std::vector<Document> planted_pictures() {
  const auto image = scene(1, 240, 320);
  const auto half = resize_image(image, 120, 160);
  const auto rotated = image.transpose(1, 2).flip(2).contiguous();
  return {captioned(picture_file(image), "a first caption"),
          captioned(picture_file(scene(2, 240, 320)), "another picture"),
          captioned(picture_file(image), "the same file"),
          captioned(picture_file(image, ".jpg"), "as JPEG"),
          captioned(picture_file(half), "half as large"),
          captioned(picture_file(image.flip(2).contiguous()), "mirrored"),
          captioned(picture_file(rotated), "rotated"),
          captioned(picture_file(scene(3, 100, 100)), "a third picture")};
}

}  // namespace

TEST_CASE("media matches: hashes that differ in 15 bits are found for certain, in any symmetry",
          "[data][media_duplicates]") {
  CHECK(count_found(400, 0) == 400);
  CHECK(count_found(400, 15) == 400);
  CHECK(count_found(400, 15, 64 << 10) == 400);  // by way of the disk
}

TEST_CASE("media matches: 31 bits are found as often as the formula says, 32 never",
          "[data][media_duplicates]") {
  // 4 deviations of a binomial with 0.9126.
  CHECK(std::abs(static_cast<double>(count_found(1000, 31)) - 912.6) < 4 * 8.93);
  CHECK(count_found(200, 32) == 0);
}

TEST_CASE("media matches: what is left out takes no part", "[data][media_duplicates]") {
  const testing::TempFolder folder;
  MediaMatches matches({}, 64 << 20, folder.path());
  const auto hash = random_hash(1);
  for (uint64_t n = 0; n < 4; ++n) matches.add(print_of(hash, n, 2 * (n % 2)));
  matches.leave_out(3);
  // The second of a pair is turned until it lies as the first; that of 1 stands in no such way.
  CHECK(found_pairs(matches) == Pairs{{0, 1}, {0, 2}});
}

TEST_CASE("media duplicates: a picture is known re-encoded, resized, mirrored and rotated",
          "[data][media_duplicates]") {
  const std::vector<bool> expected = {true, true, false, false, false, false, false, true};
  const auto found = outcome(planted_pictures());
  CHECK(found.kept == expected);
  CHECK(found.media["modalities"]["image"]["exact_copies"] == 1);
  CHECK(found.media["modalities"]["image"]["like_an_earlier_one"] == 5);
  CHECK(found.media["documents"] == 5);
  CHECK(found.graph["edges"] == Json{{"alike image", 4}, {"exact image", 1}});
  CHECK(found.graph["sizes"] == Json{{{"size", 6}, {"clusters", 1}}});
  CHECK(found.graph["clusters_of_several_sources"] == 1);
  // Sources hold documents 0 and 1, 2 and 3, ...
  CHECK(found.graph["source_pairs"][0]["sources"] == Json{"source0", "source1"});
  CHECK(found.graph["leaks"].empty());
  std::set<std::string> texts;
  for (const auto& member : found.graph["clusters"][0]["members"]) {
    texts.insert(member["text"].get<std::string>());
  }
  CHECK(texts.contains("a first caption"));
  CHECK(texts.contains("the same file"));
  CHECK(texts.contains("half as large"));
}

TEST_CASE("media duplicates: the same for any threads and memory; keep: all drops nothing",
          "[data][media_duplicates]") {
  auto documents = planted_pictures();
  for (uint64_t n = 10; n < 60; ++n) {
    documents.push_back(captioned(picture_file(scene(n, 70, 90)), std::to_string(n)));
    documents.push_back(captioned(picture_file(scene(n % 40, 80, 60), ".jpg"), std::to_string(n)));
  }
  const auto expected = outcome(documents, {}, 1);
  CHECK(std::count(expected.kept.begin(), expected.kept.end(), false) > 30);
  const auto other = outcome(documents, {}, 5, 64 << 10);
  CHECK(other.kept == expected.kept);
  CHECK(other.media == expected.media);
  CHECK(other.graph == expected.graph);
  MediaDuplicateConfig all;
  all.keep.value = "all";
  const auto told = outcome(documents, all);
  CHECK(std::count(told.kept.begin(), told.kept.end(), false) == 0);
  CHECK(told.graph["edges"] == expected.graph["edges"]);
}

TEST_CASE("media duplicates: training stays before dev before test, and the leak is told",
          "[data][media_duplicates]") {
  const auto image = scene(1, 200, 200);
  const auto found = outcome({captioned(picture_file(image), "test", "", Split::kTest),
                              captioned(picture_file(scene(2, 200, 200)), "other"),
                              captioned(picture_file(image, ".jpg"), "train"),
                              captioned(picture_file(image), "dev", "", Split::kDev)});
  CHECK(found.kept == std::vector<bool>{false, true, true, false});
  REQUIRE(found.graph["leaks"].size() == 2);
  const auto& leak = found.graph["leaks"][0];
  CHECK(leak["sides"] == Json{"train", "dev"});
  CHECK(leak["kind"] == "alike image");
  CHECK(leak["examples"][0]["members"][0]["text"] == "train");
  CHECK(leak["examples"][0]["members"][1]["text"] == "dev");
  CHECK(found.graph["leaks"][1]["sides"] == Json{"train", "test"});
}

TEST_CASE("media duplicates: a document goes only when all of its media are those of others",
          "[data][media_duplicates]") {
  const auto page = [](std::vector<MediaFile> media) {
    Document document;
    document.parts = {{.text = "a page"}};
    for (size_t n = 0; n < media.size(); ++n) {
      document.parts.push_back({.kind = Part::Kind::kMedia, .media = n});
    }
    document.media = std::move(media);
    return decoded(std::move(document));
  };
  const auto a = picture_file(scene(1, 100, 100)), b = picture_file(scene(2, 100, 100));
  const auto c = picture_file(scene(3, 100, 100));
  auto chat = page({a});
  chat.whole = true;
  const auto found = outcome({page({a, a}), page({b, a}), page({c, b}), page({b, c, a}),
                              text_document("no media"), text_document("no media"), chat});
  CHECK(found.kept == std::vector<bool>{true, true, true, false, true, true, true});
  CHECK(found.media["documents"] == 1);
  CHECK(found.graph["edges"]["exact image"] == 6);
}

TEST_CASE("media duplicates: plain media are counted and known byte for byte",
          "[data][media_duplicates]") {
  const auto plain = picture_file(at::zeros({3, 60, 60}, at::kByte));
  const auto other_plain = picture_file(at::zeros({3, 61, 60}, at::kByte));
  const auto found =
      outcome({captioned(plain, "a"), captioned(other_plain, "b"), captioned(plain, "c")});
  CHECK(found.kept == std::vector<bool>{true, true, false});
  CHECK(found.media["modalities"]["image"]["too_plain_or_short"] == 3);
}

TEST_CASE("media duplicates: sounds and clips are known in other encodings",
          "[data][media_duplicates]") {
  const auto found =
      outcome({captioned(melody_file({.seed = 1}), "a"),
               captioned(melody_file({.seed = 2}), "another sound"),
               captioned(melody_file({.seed = 1, .rate = 22050, .mu_law = true}), "b"),
               captioned(melody_file({.seed = 1, .seconds = 1}), "too short"),
               captioned(clip_file(1, 96, 128, 4), "c"),
               captioned(clip_file(2, 96, 128, 4), "another clip"),
               captioned(clip_file(1, 64, 80, 4), "d")});
  CHECK(found.kept == std::vector<bool>{true, true, false, true, true, true, false});
  CHECK(found.graph["edges"] == Json{{"alike video", 1}, {"alike audio", 1}});
  CHECK(found.media["modalities"]["audio"]["too_plain_or_short"] == 1);
}

TEST_CASE("duplicate graph: a cluster may span modalities", "[data][media_duplicates]") {
  auto both = captioned(picture_file(scene(1, 100, 100)), "picture and sound");
  both.parts.push_back({.kind = Part::Kind::kMedia, .media = 1});
  both.media.push_back(melody_file({.seed = 1}));
  both = decoded(both);
  const auto found =
      outcome({both, captioned(picture_file(scene(1, 100, 100)), "picture"),
               captioned(melody_file({.seed = 1}), "sound"), text_document("nothing")});
  CHECK(found.graph["clusters_of_several_modalities"] == 1);
  CHECK(found.graph["clusters_of_several_sources"] == 1);
  CHECK(found.graph["clusters"][0]["size"] == 3);
}

TEST_CASE("duplicate graph: copies of documents meet what is alike in media",
          "[data][media_duplicates]") {
  const testing::TempFolder folder;
  Collection corpus(folder.path());
  const auto image = scene(1, 100, 100);
  fill({captioned(picture_file(image), "same"), text_document("no copy"),
        captioned(picture_file(image), "same", "", Split::kTest),
        captioned(picture_file(image, ".jpg"), "other caption")},
       corpus);
  Selection selection(corpus, 1);
  DuplicateGraph graph(corpus, {"web"});
  ExactDuplicates copies({folder.path()}, &graph);
  MediaDuplicates media({}, {folder.path()}, graph);
  copies.run(selection);
  media.run(selection);
  graph.run(selection);
  const auto json = graph.json();
  CHECK(json["edges"] == Json{{"exact document", 1}, {"alike image", 1}});
  CHECK(json["sizes"] == Json{{{"size", 3}, {"clusters", 1}}});
  REQUIRE(json["leaks"].size() == 1);
  CHECK(json["leaks"][0]["kind"] == "exact document");
  CHECK(json["leaks"][0]["sides"] == Json{"train", "test"});
}

TEST_CASE("duplicate graph: the page shows each picture of a cluster with its caption",
          "[data][media_duplicates]") {
  const testing::TempFolder folder;
  Collection corpus(folder.path());
  const auto image = scene(1, 100, 100);
  fill({captioned(picture_file(image), "one caption", "flickr"),
        captioned(picture_file(image, ".jpg"), "other caption", "web", Split::kTest)},
       corpus);
  Selection selection(corpus, 1);
  DuplicateGraph graph(corpus, {"flickr"});
  MediaDuplicates stage({}, {folder.path()}, graph);
  stage.run(selection);
  graph.run(selection);
  Page page("corpus");
  stage.show(page);
  graph.show(page);
  const auto html = page.html();
  CHECK(html.find("flickr/one caption") != html.npos);
  CHECK(html.find("web/other caption") != html.npos);
  CHECK(html.find("data:image/png;base64,") != html.npos);
  CHECK(html.find("train and test") != html.npos);
  CHECK(html.find("media duplicate") != html.npos);
}

}  // namespace reka::data
