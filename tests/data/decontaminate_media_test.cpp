#include "data/corpus/decontaminate_media.h"

#include <utility>

#include <ATen/TensorOperators.h>
#include <ATen/ops/zeros.h>

#include "data/media/image.h"
#include "reka/base/error.h"
#include "tests/data/corpus.h"
#include "tests/data/made_media.h"
#include "tests/support/catch.h"
#include "tests/support/temp_folder.h"

namespace reka::data {
namespace {

using testing::captioned;
using testing::clip_file;
using testing::encoded;
using testing::melody_file;
using testing::picture_file;
using testing::scene;

DecontaminationConfig exam_and_quiz() {
  DecontaminationConfig config;
  config.media_sets.emplace_back("exam", MediaSetConfig{.path = "exam/*"});
  config.media_sets.emplace_back("quiz", MediaSetConfig{.path = "quiz/*"});
  return config;
}

}  // namespace

TEST_CASE("decontaminate media: training documents with media of evaluation sets go",
          "[data][decontaminate]") {
  const testing::TempFolder folder;
  const auto image = scene(1, 240, 320);
  const auto plain = picture_file(at::zeros({3, 60, 60}, at::kByte));
  folder.write("exam/1.png", encoded(image, ".png"));
  folder.write("exam/2.png", encoded(scene(2, 100, 100), ".png"));
  folder.write("exam/plain.png", plain.bytes);
  folder.write("exam/read.me", "no picture");
  folder.write("quiz/1.wav", melody_file({.seed = 1}).bytes);
  folder.write("quiz/2.webm", clip_file(1, 96, 128, 4).bytes);
  const auto half = resize_image(image, 120, 160);
  const auto rotated = half.transpose(1, 2).flip(1).contiguous();
  const std::vector<std::pair<Document, std::string>> cases = {
      {captioned(picture_file(scene(3, 100, 100)), "another"), "kept"},
      {captioned(picture_file(rotated, ".jpg"), "rotated"), "contaminated by exam"},
      {captioned(picture_file(rotated, ".jpg"), "held out", "", Split::kTest), "kept"},
      {captioned(plain, "byte for byte"), "contaminated by exam"},
      {captioned(melody_file({.seed = 1, .mu_law = true}), "sound"), "contaminated by quiz"},
      {captioned(melody_file({.seed = 2}), "another sound"), "kept"},
      {captioned(clip_file(1, 64, 80, 4), "clip"), "contaminated by quiz"},
      {captioned(clip_file(3, 64, 80, 4), "another clip"), "kept"},
      {text_document("text"), "kept"}};
  std::vector<Document> documents;
  for (const auto& [document, fate] : cases) documents.push_back(document);
  Collection corpus(folder.path());
  fill(documents, corpus);
  Selection selection(corpus, 2);
  DecontaminateMedia stage(exam_and_quiz(), folder.path());
  stage.run(selection);
  for (size_t n = 0; n < cases.size(); ++n) {
    INFO(cases[n].first.id);
    CHECK(fate_name(selection.fate(n)) == cases[n].second);
  }
  const auto sets = stage.json()["sets"];
  CHECK(sets[0]["items"] == 3);
  CHECK(sets[0]["items_too_plain_or_short"] == 1);
  CHECK(sets[0]["documents"] == 2);
  CHECK(sets[1]["documents"] == 2);
  CHECK(sets[0]["examples"][0] == Json{{"document", "/rotated"}, {"item", "exam/1.png"}});
  Page page("corpus");
  stage.show(page);
  const auto html = page.html();
  CHECK(html.find("exam: exam/1.png") != html.npos);
  CHECK(html.find("data:image/png;base64,") != html.npos);
  CHECK(html.find("data:audio/wav;base64,") != html.npos);
}

TEST_CASE("decontaminate media: a wrong set is named", "[data][decontaminate]") {
  const testing::TempFolder folder;
  folder.write("exam/a.txt", "a");
  folder.write("quiz/a.png", "no picture");
  Collection corpus(folder.path());
  fill({text_document("text")}, corpus);
  Selection selection(corpus, 1);
  auto config = exam_and_quiz();
  DecontaminateMedia no_media(config, folder.path());
  CHECK_THROWS_WITH(no_media.run(selection),
                    "data.decontaminate.media_sets.exam: no picture, sound or clip in exam/*: must "
                    "have some");
  config.media_sets.erase(config.media_sets.begin());
  DecontaminateMedia damaged(config, folder.path());
  CHECK_THROWS_WITH(damaged.run(selection), Catch::Contains("quiz/a.png"));
}

}  // namespace reka::data
