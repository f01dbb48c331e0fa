#include "data/corpus/repeated_paragraphs.h"

#include "tests/data/corpus.h"
#include "tests/support/catch.h"
#include "tests/support/temp_folder.h"

namespace reka::data {
namespace {

struct Result {
  std::vector<std::string> texts;  // "" where nothing was left
  Json json;
};

Result without_repeated(const std::vector<Document>& documents,
                        const RepeatedParagraphConfig& config, size_t threads = 2,
                        uint64_t memory = 512 << 20) {
  const testing::TempFolder folder;
  Collection corpus(folder.path());
  fill(documents, corpus);
  Selection selection(corpus, threads);
  RepeatedParagraphs stage(config, {folder.path(), memory});
  stage.run(selection);
  Result result{.texts = std::vector<std::string>(documents.size()), .json = stage.json()};
  for (const auto& chunk : corpus.chunks) {
    for (const auto& found : selection.read(chunk).documents) {
      result.texts[found.number] = found.document.parts[0].text;
    }
  }
  return result;
}

}  // namespace

TEST_CASE("repeated paragraphs: the first copy in training stays, within a document too",
          "[data][repeated_paragraphs]") {
  auto chat = text_document("a long paragraph");
  chat.whole = true;
  const std::vector<Document> documents = {
      text_document("own\na long paragraph\n\nshort\na long paragraph"),
      text_document("short\nürgä paragraph ü\n\nsecond"),
      text_document("a long paragraph", Split::kTest),
      text_document("a long paragraph"),
      chat,
      text_document("ürgä paragraph ü\nshort")};
  const auto result = without_repeated(documents, {.min_characters = 16});
  CHECK(result.texts == std::vector<std::string>{
                            "own\na long paragraph\n\nshort", "short\nürgä paragraph ü\n\nsecond",
                            "a long paragraph", "", "a long paragraph", "short"});
  CHECK(result.json["paragraphs"] == 5);
  CHECK(result.json["repeated"] == 2);
  CHECK(result.json["copies"] == 3);
  CHECK(result.json["examples"][0]["count"] == 3);
  CHECK(result.json["examples"][0]["text"] == "a long paragraph");
  // 16 characters are no 17, though more bytes.
  CHECK(without_repeated(documents, {.min_characters = 17}).json["paragraphs"] == 0);
}

TEST_CASE("repeated paragraphs: those below the count stay", "[data][repeated_paragraphs]") {
  const std::vector<Document> documents = {text_document("twice here\nthrice here"),
                                           text_document("twice here\nthrice here"),
                                           text_document("thrice here\nmore")};
  const auto result = without_repeated(documents, {.min_characters = 5, .min_count = 3});
  CHECK(result.texts == std::vector<std::string>{"twice here\nthrice here", "twice here", "more"});
}

TEST_CASE("repeated paragraphs: the same for any threads and memory",
          "[data][repeated_paragraphs]") {
  std::vector<Document> documents;
  for (int n = 0; n < 3000; ++n) {
    documents.push_back(text_document("the paragraph number " + std::to_string(n * n % 1009) +
                                      "\nand its own number " + std::to_string(n)));
  }
  const auto expected = without_repeated(documents, {.min_characters = 20}, 1);
  CHECK(expected.json["copies"] > 2000);
  CHECK(without_repeated(documents, {.min_characters = 20}, 4).texts == expected.texts);
  const auto small = without_repeated(documents, {.min_characters = 20}, 2, 16 << 10);
  CHECK(small.texts == expected.texts);
}

}  // namespace reka::data
