#include "data/corpus/repeated_substrings.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "data/corpus/words.h"
#include "reka/base/random.h"
#include "tests/data/corpus.h"
#include "tests/support/catch.h"
#include "tests/support/temp_folder.h"

namespace reka::data {
namespace {

struct Substringless {
  std::vector<std::string> texts;  // "" where nothing was left
  std::vector<bool> kept;
  SubstringReport report;
};

Substringless without_substrings(const std::vector<Document>& documents,
                                 const RepeatedSubstringConfig& config, size_t threads = 2,
                                 uint64_t memory = 512 << 20) {
  const testing::TempFolder folder;
  Collection corpus(folder.path());
  fill(documents, corpus);
  Selection selection(corpus, threads);
  RepeatedSubstrings stage(config, {folder.path(), memory});
  stage.run(selection);
  Substringless result{.texts = std::vector<std::string>(documents.size()),
                       .report = stage.report()};
  for (size_t n = 0; n < documents.size(); ++n) result.kept.push_back(selection.keeps(n));
  for (const auto& chunk : corpus.chunks) {
    for (const auto& found : selection.read(chunk).documents) {
      result.texts[found.number] = text_of(found.document);
    }
  }
  return result;
}

std::vector<std::string> segments_of(const std::string& text) {
  std::vector<std::string_view> words;
  split_words(text, words);
  return {words.begin(), words.end()};
}

std::string without_space(std::string text) {
  std::erase_if(text, [](char c) { return c == ' ' || c == '\n'; });
  return text;
}

// The plain way: all pairs of places in the line of all texts, word by word. What is left of each
// text, without white space.
std::vector<std::string> plainly_left(const std::vector<Document>& documents,
                                      const RepeatedSubstringConfig& config) {
  const auto n = static_cast<size_t>(config.min_words);
  std::vector<std::string> line;
  std::vector<size_t> text_of_word;
  for (const auto side : {Split::kTrain, Split::kDev, Split::kTest}) {
    for (size_t text = 0; text < documents.size(); ++text) {
      if (documents[text].split != side) continue;
      for (const auto& word : segments_of(documents[text].parts[0].text)) {
        line.push_back(word);
        text_of_word.push_back(text);
      }
    }
  }
  const auto is_run = [&](size_t p) {
    return p + n <= line.size() && text_of_word[p] == text_of_word[p + n - 1];
  };
  std::vector<bool> taken(line.size());
  const auto take = [&](size_t p) {
    for (auto word = p; word < p + n; ++word) taken[word] = true;
  };
  for (size_t p = 0; p < line.size(); ++p) {
    if (!is_run(p)) continue;
    std::vector<size_t> equal;
    for (size_t q = 0; q < line.size(); ++q) {
      if (is_run(q) && std::equal(&line[p], &line[p] + n, &line[q])) equal.push_back(q);
    }
    if (config.keep == "none" ? equal.back() - equal.front() >= n : p - equal.front() >= n) take(p);
  }
  std::vector<std::string> left(documents.size());
  for (size_t word = 0; word < line.size(); ++word) {
    if (!taken[word]) left[text_of_word[word]] += line[word];
  }
  return left;
}

// Texts of one language's words, of which some stand in earlier ones too.
std::vector<Document> texts_with_copies(const std::vector<std::string>& vocabulary,
                                        const std::string& space, uint64_t seed, size_t count) {
  std::vector<Document> documents;
  std::vector<std::string> all;
  uint64_t draws = 0;
  const auto draw = [&](uint64_t below) { return mix64(seed, draws++) % below; };
  for (size_t n = 0; n < count; ++n) {
    std::string text;
    const auto say = [&](const std::string& word) {
      text += word;
      text += draw(12) == 0 ? "\n" : space;
      all.push_back(word);
    };
    for (auto piece = 1 + draw(3); piece > 0; --piece) {
      for (auto words = draw(12); words > 0; --words) say(vocabulary[draw(vocabulary.size())]);
      if (all.size() <= 20) continue;
      const auto first = draw(all.size() - 20);
      const std::vector<std::string> copy(
          all.begin() + static_cast<std::ptrdiff_t>(first),
          all.begin() + static_cast<std::ptrdiff_t>(first + 5 + draw(15)));
      for (const auto& word : copy) say(word);
    }
    const auto side = draw(6);
    documents.push_back(text_document(text, side == 0   ? Split::kTest
                                            : side == 1 ? Split::kDev
                                                        : Split::kTrain));
  }
  return documents;
}

const std::map<std::string, std::pair<std::vector<std::string>, std::string>>& languages() {
  static const std::map<std::string, std::pair<std::vector<std::string>, std::string>> known = {
      {"English",
       {{"the", "quick", "fox's", "jumps", "(over)", "3.14", "dog,", "then", "..."}, " "}},
      {"Chinese", {{"我们", "今天", "学习", "中文", "，", "因为", "非常", "有意思", "。"}, ""}},
      {"Japanese", {{"私", "は", "東京", "タワー", "を", "見ました", "。", "とても", "高い"}, ""}},
      {"Thai", {{"ภาษา", "ไทย", "สวยงาม", "เรียน", "หนังสือ", "โรงเรียน", "วันนี้", "กิน"}, ""}},
      {"Arabic", {{"اللغة", "العربية", "جميلة", "،", "كتاب", "مدرسة", "اليوم", "نحن"}, " "}}};
  return known;
}

std::string numbered_words(uint64_t topic, size_t count) {
  std::string text;
  for (size_t n = 0; n < count; ++n) text += fmt::format("w{} ", mix64(topic, n) % 1000000);
  return text;
}

}  // namespace

TEST_CASE("repeated substrings: what all pairs of places say, in every script",
          "[data][repeated_substrings]") {
  for (const auto& [language, words] : languages()) {
    for (uint64_t seed = 0; seed < 6; ++seed) {
      INFO(language << ", seed " << seed);
      const auto documents = texts_with_copies(words.first, words.second, seed, 24);
      for (const std::string keep : {"first", "none"}) {
        RepeatedSubstringConfig config{.min_words = static_cast<int64_t>(4 + seed)};
        config.keep.value = keep;
        const auto result = without_substrings(documents, config);
        const auto expected = plainly_left(documents, config);
        int64_t taken = 0;
        for (size_t n = 0; n < documents.size(); ++n) {
          CHECK(without_space(result.texts[n]) == expected[n]);
          const bool had_words = !without_space(documents[n].parts[0].text).empty();
          CHECK(result.kept[n] == (!expected[n].empty() || !had_words));
          taken += expected[n] != without_space(documents[n].parts[0].text) ? 1 : 0;
        }
        CHECK(taken > 3);
        CHECK(result.report.total().documents == taken);
      }
    }
  }
}

TEST_CASE("repeated substrings: the same for any threads and memory, with a group above memory",
          "[data][repeated_substrings]") {
  std::vector<Document> documents;
  for (size_t n = 0; n < 1500; ++n) {
    documents.push_back(
        text_document(fmt::format("{} all of these words stand in each text {} {}", n,
                                  numbered_words(n, 30), numbered_words(n / 7, 12))));
    documents.back().split = n % 9 == 0 ? Split::kTest : Split::kTrain;
  }
  for (const std::string keep : {"first", "none"}) {
    RepeatedSubstringConfig config{.min_words = 8};
    config.keep.value = keep;
    const auto expected = without_substrings(documents, config, 1);
    CHECK(expected.report.total().documents > 1400);
    const auto small = without_substrings(documents, config, 5, 16 << 10);
    CHECK(small.texts == expected.texts);
    CHECK(small.report.json() == expected.report.json());
    REQUIRE_FALSE(expected.report.most_frequent.empty());
    CHECK(expected.report.most_frequent[0].copies == 1499);
    CHECK(expected.report.most_frequent[0].text == "all of these words stand in each text");
  }
}

TEST_CASE("repeated substrings: the first copy stays, training before dev before test",
          "[data][repeated_substrings]") {
  const auto shared = numbered_words(1, 20);
  auto chat = text_document(shared);
  chat.whole = true;
  auto caption = text_document(shared);
  caption.parts.push_back({.kind = Part::Kind::kMedia, .media = 0});
  caption.media.push_back({.bytes = "png"});
  std::vector<Document> documents = {chat,
                                     text_document("tested " + shared, Split::kTest),
                                     text_document("held out\n" + shared, Split::kDev),
                                     caption,
                                     text_document("before " + shared + "after"),
                                     text_document(shared + shared + "twice")};
  for (size_t n = 0; n < documents.size(); ++n) documents[n].id = std::to_string(n);
  const auto result = without_substrings(documents, {.min_words = 20});
  CHECK(result.texts == std::vector<std::string>{shared, "tested ", "held out ", shared,
                                                 documents[4].parts[0].text, "twice"});
  const auto total = result.report.total();
  CHECK(total.documents == 3);
  CHECK(total.words == 80);
  CHECK(total.runs == 3);
  CHECK(total.bytes == static_cast<int64_t>(4 * shared.size()));
  REQUIRE(result.report.longest.size() == 1);
  CHECK(result.report.longest[0].words == 40);
  CHECK(result.report.longest[0].first == "/4");
  CHECK(result.report.longest[0].later == "/5");
  REQUIRE(result.report.most_frequent.size() == 1);
  CHECK(result.report.most_frequent[0].copies == 4);
  CHECK(result.report.most_frequent[0].first == "/4");
  // Longer runs repeat in the last text alone, and overlap there.
  CHECK(without_substrings(documents, {.min_words = 21}).report.total().documents == 0);
}

TEST_CASE("repeated substrings: a text of which too little is left goes",
          "[data][repeated_substrings]") {
  const auto shared = numbered_words(1, 20);
  const std::vector<Document> documents = {text_document(shared), text_document(shared + "a b c"),
                                           text_document("a b c d " + shared),
                                           text_document(shared)};
  CHECK(without_substrings(documents, {.min_words = 20}).kept ==
        std::vector<bool>{true, true, true, false});
  const auto result = without_substrings(documents, {.min_words = 20, .min_words_left = 4});
  CHECK(result.kept == std::vector<bool>{true, false, true, false});
  CHECK(result.report.total().dropped == 2);
}

TEST_CASE("repeated substrings: of a text that repeats itself the first words stay",
          "[data][repeated_substrings]") {
  std::string text;
  for (int n = 0; n < 100; ++n) text += "la ";
  const auto result = without_substrings({text_document(text)}, {.min_words = 30});
  CHECK(segments_of(result.texts[0]).size() == 30);
  CHECK(without_substrings({text_document(text.substr(0, 3 * 59))}, {.min_words = 30}).texts[0] ==
        text.substr(0, 3 * 59));
}

TEST_CASE("repeated substrings: line breaks hide no copy, other numbers are no copy",
          "[data][repeated_substrings]") {
  const std::vector<Document> documents = {
      text_document("Take 2 eggs and 30 g of butter."),
      text_document("New:\n\nTake 2 eggs\nand 30 g\nof butter.\n\nStir."),
      text_document("Take 3 eggs and 40 g of butter.")};
  const auto result = without_substrings(documents, {.min_words = 6});
  CHECK(result.texts[1] == "New:\n\nStir.");
  CHECK(result.texts[2] == documents[2].parts[0].text);
}

}  // namespace reka::data
