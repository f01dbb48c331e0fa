#include "data/corpus/near_duplicates.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "data/corpus/disjoint_sets.h"
#include "data/corpus/shingle_sets.h"
#include "data/corpus/shingles.h"
#include "reka/base/random.h"
#include "tests/data/corpus.h"
#include "tests/support/catch.h"
#include "tests/support/temp_folder.h"

namespace reka::data {
namespace {

// A text of its own; of every `step` words one is that of the edit. edit 0: the text itself.
std::string made_text(uint64_t topic, uint64_t edit = 0, uint64_t step = 1, uint64_t words = 200) {
  std::string text;
  for (uint64_t n = 0; n < words; ++n) {
    const bool is_edited = edit > 0 && n % step == step / 2;
    text += fmt::format("w{} ", static_cast<char>('a' + mix64(topic, n) % 26));
    for (auto bits = mix64(topic, is_edited ? edit : 0, n) % 100000; bits > 0; bits /= 26) {
      text += static_cast<char>('a' + bits % 26);
    }
    text += ' ';
  }
  return text;
}

std::vector<bool> kept(const std::vector<Document>& documents, const NearDuplicateConfig& config,
                       size_t threads = 2, ClusterReport* report = nullptr,
                       std::vector<uint32_t>* alike = nullptr, uint64_t memory = 512 << 20) {
  const testing::TempFolder folder;
  Collection corpus(folder.path());
  fill(documents, corpus);
  Selection selection(corpus, threads);
  NearDuplicates stage(config, {folder.path(), memory});
  stage.run(selection);
  if (report != nullptr) *report = stage.report();
  std::vector<bool> kept;
  for (size_t n = 0; n < documents.size(); ++n) kept.push_back(selection.keeps(n));
  for (size_t n = 0; alike != nullptr && n < documents.size(); ++n)
    alike->push_back(selection.keeps(n) ? selection.alike(n) : 0);
  return kept;
}

// Texts in clusters of one to five at several distances, in a mixed order.
std::vector<Document> mixed_texts(size_t count) {
  std::vector<Document> documents;
  const Permutation order(count, 5);
  for (uint64_t n = 0; n < count; ++n) {
    const auto place = order(n);
    const auto step = 6 + 8 * (place % 4);
    documents.push_back(text_document(made_text(place / 5, place % 5, step)));
    documents.back().split = place % 7 == 0 ? Split::kTest : Split::kTrain;
  }
  return documents;
}

// The plain way: all pairs, by the similarity of their sets.
std::vector<bool> kept_of_all_pairs(const std::vector<Document>& documents, double threshold) {
  std::vector<size_t> order;
  for (const auto side : {Split::kTrain, Split::kDev, Split::kTest}) {
    for (size_t n = 0; n < documents.size(); ++n) {
      if (documents[n].split == side) order.push_back(n);
    }
  }
  Shingler shingler(ShingleUnit::kWords, 5);
  std::vector<std::vector<uint32_t>> sets;
  for (const auto n : order) {
    sets.push_back(shingle_set(shingler.shingles(documents[n].parts[0].text)));
  }
  DisjointSets<uint32_t> joined(order.size());
  for (uint32_t a = 0; a < order.size(); ++a) {
    for (uint32_t b = a + 1; b < order.size(); ++b) {
      if (jaccard(sets[a], sets[b]) >= threshold) joined.join(a, b);
    }
  }
  joined.settle();
  std::vector<bool> kept(documents.size());
  for (uint32_t n = 0; n < order.size(); ++n) kept[order[n]] = joined.is_first(n);
  return kept;
}

}  // namespace

TEST_CASE("near duplicates: the first stays, training before dev before test",
          "[data][near_duplicates]") {
  const std::vector<Document> documents = {text_document(made_text(1), Split::kTest),
                                           text_document(made_text(1, 1, 100)),
                                           text_document(made_text(2), Split::kTest),
                                           text_document(made_text(1, 2, 100)),
                                           text_document(made_text(3)),
                                           text_document(made_text(2, 1, 90), Split::kDev),
                                           text_document("too short, twice the same"),
                                           text_document("too short")};
  ClusterReport report;
  std::vector<uint32_t> alike;
  CHECK(kept(documents, {}, 2, &report, &alike) ==
        std::vector<bool>{false, true, false, false, true, true, true, true});
  CHECK(alike == std::vector<uint32_t>{0, 3, 0, 0, 1, 2, 1, 1});
  CHECK(report.documents == 7);  // one has fewer than five words
  CHECK(report.sizes == std::map<int64_t, int64_t>{{2, 1}, {3, 1}});
  CHECK(report.dropped() == 3);
  REQUIRE(report.examples.size() == 2);
  CHECK(report.examples[0].size == 3);
  CHECK(report.examples[0].kept_text.starts_with(documents[1].parts[0].text.substr(0, 50)));
  CHECK(report.examples[0].dropped_text.starts_with(documents[0].parts[0].text.substr(0, 50)));
}

TEST_CASE("near duplicates: chats and texts with media take no part", "[data][near_duplicates]") {
  auto chat = text_document(made_text(1));
  chat.whole = true;
  auto caption = text_document(made_text(1));
  caption.parts.push_back({.kind = Part::Kind::kMedia, .media = 0});
  caption.media.push_back({.bytes = "png"});
  CHECK(kept({chat, chat, caption, text_document(made_text(1)), caption}, {}) ==
        std::vector<bool>(5, true));
}

TEST_CASE("near duplicates: the same for any threads and memory", "[data][near_duplicates]") {
  const auto documents = mixed_texts(400);
  const auto expected = kept(documents, {}, 1);
  CHECK(std::count(expected.begin(), expected.end(), false) > 100);
  CHECK(kept(documents, {}, 5) == expected);
  CHECK(kept(documents, {}, 3, nullptr, nullptr, 16 << 10) == expected);
}

TEST_CASE("near duplicates: with confirmation the same where one band is larger than memory",
          "[data][near_duplicates]") {
  std::vector<Document> documents;
  for (int n = 0; n < 4000; ++n) {
    documents.push_back(text_document(fmt::format("these five words are shared {}{}",
                                                  static_cast<char>('a' + n % 26),
                                                  static_cast<char>('a' + n / 26 % 26))));
  }
  const NearDuplicateConfig config{.bands = 1, .rows = 1, .confirm = 0.9};
  const auto expected = kept(documents, config);
  CHECK(std::count(expected.begin(), expected.end(), false) > 100);
  CHECK(kept(documents, config, 2, nullptr, nullptr, 16 << 10) == expected);
}

TEST_CASE("near duplicates: with confirmation as many as a comparison of all pairs finds",
          "[data][near_duplicates]") {
  const auto documents = mixed_texts(300);
  const auto expected = kept_of_all_pairs(documents, 0.6);
  CHECK(std::count(expected.begin(), expected.end(), false) > 50);
  ClusterReport report;
  // So many bands that none is missed.
  CHECK(kept(documents, {.bands = 100, .rows = 3, .confirm = 0.6}, 2, &report) == expected);
  CHECK(report.compared > 0);
  CHECK(report.refused > 0);
  CHECK(kept(documents, {.bands = 100, .rows = 3}) != expected);
}

TEST_CASE("near duplicates: a pair is found as often as the formula says",
          "[data][near_duplicates]") {
  constexpr uint64_t kPairs = 300;
  std::vector<Document> documents;
  double expected = 0;
  Shingler shingler(ShingleUnit::kWords, 5);
  for (uint64_t n = 0; n < kPairs; ++n) {
    documents.push_back(text_document(made_text(n)));
    const auto a = shingle_set(shingler.shingles(documents.back().parts[0].text));
    documents.push_back(text_document(made_text(n, 1, 20 + n % 40)));
    const auto b = shingle_set(shingler.shingles(documents.back().parts[0].text));
    expected += 1 - std::pow(1 - std::pow(jaccard(a, b), 8), 14);
  }
  const auto left = kept(documents, {});
  const auto found = static_cast<double>(std::count(left.begin(), left.end(), false));
  CHECK(std::abs(found - expected) < 4 * std::sqrt(kPairs * 0.25));
}

TEST_CASE("near duplicates: texts without spaces are found by their characters",
          "[data][near_duplicates]") {
  std::string text;
  for (uint64_t n = 0; n < 300; ++n) {
    const auto character = static_cast<uint32_t>(0x4E00 + mix64(n) % 3000);
    text += static_cast<char>(0xE0 | character >> 12);
    text += static_cast<char>(0x80 | (character >> 6 & 0x3F));
    text += static_cast<char>(0x80 | (character & 0x3F));
  }
  const std::vector<Document> documents = {text_document(text), text_document(text + "。日本")};
  CHECK(kept(documents, {}) == std::vector<bool>{true, false});
  NearDuplicateConfig characters;
  characters.shingle.value = "characters";
  characters.ngram = 3;
  CHECK(kept(documents, characters) == std::vector<bool>{true, false});
}

TEST_CASE("near duplicates: a shortened text is cut between characters",
          "[data][near_duplicates]") {
  CHECK(shortened("one\ntwo", 10) == "one two");
  CHECK(shortened("ñandú ñandú", 5) == "ñandú… (6 more characters)");
}

}  // namespace reka::data
