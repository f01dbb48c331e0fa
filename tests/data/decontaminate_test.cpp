#include "data/corpus/decontaminate.h"

#include <set>

#include "data/corpus/mark.h"
#include "reka/base/error.h"
#include "reka/base/files.h"
#include "tests/support/catch.h"
#include "tests/support/temp_folder.h"

namespace reka::data {
namespace {

const std::string kQuestion =
    "A train leaves the old station at noon and meets another one that left the harbour an hour "
    "before it; how far from the harbour do the two trains meet?";
const std::string kFrame = "Please answer with the letter of the right choice, in square brackets";

std::string item(const std::string& id, const std::string& text) {
  return Json{{"task_id", id},
              {"input",
               {{{"role", "system"}, {"content", kFrame}}, {{"role", "user"}, {"content", text}}}},
              {"ideal", "B"}}
             .dump() +
         "\n";
}

class Sets {
 public:
  explicit Sets(const std::string& lines, std::vector<std::string> keys = {}) {
    write_file_atomic(folder_.path() / "exam.jsonl", lines);
    config.ngram = 6;
    config.longest = 6;
    config.frame_items = 2;
    config.sets.emplace_back("exam",
                             EvaluationSetConfig{.path = "exam.jsonl", .keys = std::move(keys)});
  }

  EvaluationIndex index() const { return {config, folder_.path()}; }
  const std::filesystem::path& path() const { return folder_.path(); }

  DecontaminationConfig config;

 private:
  testing::TempFolder folder_;
};

// The plain formula: the longest run of words whose n-grams all are those of the item.
size_t longest_run(const std::vector<std::string>& text, const std::vector<std::string>& item,
                   size_t ngram) {
  std::set<std::vector<std::string>> known;
  for (size_t n = 0; n + ngram <= item.size(); ++n)
    known.emplace(item.begin() + n, item.begin() + n + ngram);
  size_t best = 0, run = 0;
  for (size_t n = 0; n + ngram <= text.size(); ++n) {
    const std::vector<std::string> gram(text.begin() + n, text.begin() + n + ngram);
    run = known.contains(gram) ? run + 1 : 0;
    if (run > 0) best = std::max(best, run + ngram - 1);
  }
  return best;
}

std::optional<EvaluationIndex::Match> find(const EvaluationIndex& index, const std::string& text) {
  auto shingler = index.make_shingler();
  return index.find(text, shingler);
}

}  // namespace

TEST_CASE("decontaminate: a quotation is found whatever its case, accents and punctuation",
          "[data][decontaminate]") {
  const Sets sets(item("exam/1", kQuestion));
  const auto index = sets.index();
  const auto match =
      find(index, "He read: «THE OLD STATION at noon — and meets anóther one!» and slept.");
  REQUIRE(match);
  CHECK(match->item == "exam/1");
  CHECK(match->words == 9);
  CHECK(match->text == "the old station at noon and meets another one");
  CHECK_FALSE(find(index, "the old station at noon was empty when the trains meet"));
  CHECK_FALSE(find(index, ""));
}

TEST_CASE("decontaminate: the longest run is that of the plain formula", "[data][decontaminate]") {
  std::vector<std::string> words;
  for (int n = 0; n < 40; ++n) words.push_back(std::string(1, static_cast<char>('a' + n * n % 7)));
  const auto join = [](const std::vector<std::string>& some) {
    std::string text;
    for (const auto& word : some) text += word + " ";
    return text;
  };
  for (size_t cut = 0; cut < 30; ++cut) {
    const std::vector<std::string> known(words.begin() + cut, words.begin() + cut + 10);
    std::vector<std::string> text(words.begin() + 3, words.end());
    text[text.size() / 2] = "elsewhere";
    const Sets sets(Json{{"text", join(known)}}.dump() + "\n");
    const auto match = find(sets.index(), join(text));
    const auto expected = longest_run(text, known, 6);
    INFO("cut " << cut);
    CHECK((match ? match->words : 0) == (expected >= 6 ? expected : 0));
  }
}

TEST_CASE("decontaminate: what many items share is their frame and no contamination",
          "[data][decontaminate]") {
  const Sets sets(item("1", kQuestion) +
                  item("2",
                       "Which of the rivers of Wales is the longest of "
                       "all that reach the western sea?") +
                  item("3", "short"));
  const auto index = sets.index();
  CHECK_FALSE(find(index, kFrame));
  CHECK(find(index, kQuestion));
  const auto& set = index.sets().front();
  CHECK(set.items == 3);
  CHECK(set.frame == 8);  // the answer before it and 12 words, in runs of 6
  CHECK(set.ngrams > 30);
}

TEST_CASE("decontaminate: columns of numbers are no contamination", "[data][decontaminate]") {
  const Sets sets(item("1", "sum 1, 2, 3, 4, 5, 6, 7, 8, 9 and more"));
  CHECK_FALSE(find(sets.index(), "10 20 30 40 50 60 70 80 90"));
  CHECK(find(sets.index(), "to sum 10 20 30 40 50 60 70 80 90 and more of it"));
}

TEST_CASE("decontaminate: keys choose what is looked for, too short items are counted",
          "[data][decontaminate]") {
  const Sets sets(
      "{\"question\": \"one two three four five six seven\", \"note\": \"alpha beta gamma "
      "delta epsilon zeta eta\"}\n\n{\"question\": \"one two three\"}\n",
      {"question"});
  const auto index = sets.index();
  CHECK(find(index, "zero one two three four five six"));
  CHECK_FALSE(find(index, "alpha beta gamma delta epsilon zeta eta"));
  CHECK(index.sets().front().items == 2);
  CHECK(index.sets().front().too_short == 1);
}

TEST_CASE("decontaminate: a wrong set is named with its place", "[data][decontaminate]") {
  CHECK_THROWS_WITH(Sets("{\"a\": 1").index(), Catch::Contains("exam.jsonl:1: not JSON"));
  CHECK_THROWS_WITH(Sets("{\"a\": \"b\"}\n", {"promt"}).index(),
                    "data.decontaminate.sets.exam.keys: \"promt\": must be a key of its 1 items");
  CHECK_THROWS_WITH(Sets("\n\n").index(), Catch::Contains("no item in exam.jsonl"));
}

TEST_CASE("decontaminate: contaminated training documents go, held-out ones stay",
          "[data][decontaminate]") {
  const Sets sets(item("exam/1", kQuestion));
  Collection corpus(sets.path());
  std::string packed;
  for (const auto& [text, split] :
       std::vector<std::pair<std::string, Split>>{{"Nothing of it.", Split::kTrain},
                                                  {"Homework: " + kQuestion, Split::kTrain},
                                                  {"Homework: " + kQuestion, Split::kTest}}) {
    Document document;
    document.id = "d" + std::to_string(corpus.marks.size());
    document.source = "web";
    document.split = split;
    document.parts = {{.text = text}};
    pack_document(document, packed);
    corpus.marks.push_back({.content = content_hash(document), .split = split});
  }
  corpus.languages = {"en"};
  corpus.chunks.push_back({corpus.spool.write(packed), 0, 0, 3});
  Selection selection(corpus, 2);
  Decontaminate stage(sets.config, sets.path());
  stage.run(selection);
  CHECK(fate_name(selection.fate(0)) == "kept");
  CHECK(fate_name(selection.fate(1)) == "contaminated by exam");
  CHECK(fate_name(selection.fate(2)) == "kept");
  const auto set = stage.json()["sets"][0];
  CHECK(set["documents"] == 1);
  CHECK(set["examples"][0]["document"] == "web/d1");
  CHECK(set["examples"][0]["item"] == "exam/1");
}

}  // namespace reka::data
