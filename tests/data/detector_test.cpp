#include "data/corpus/detector.h"

#include <cmath>

#include <fasttext/fasttext.h>

#include "data/corpus/prepare.h"
#include "data/corpus/signals.h"
#include "reka/base/error.h"
#include "tests/support/catch.h"
#include "tests/support/message.h"
#include "tests/support/temp_folder.h"

namespace reka::data {
namespace {

using testing::TempFolder;

constexpr std::string_view kEnglish =
    "The quick brown fox jumps over the lazy dog and runs into the forest with all of its friends.";
constexpr std::string_view kGerman =
    "Alle Menschen sind frei und gleich an Würde und Rechten geboren und sollen einander begegnen.";

// A model that tells English from German, of a few sentences.
std::string small_model(const TempFolder& folder) {
  std::string lines;
  for (int n = 0; n < 40; ++n) {
    lines += fmt::format("__label__en {}\n__label__de {}\n", kEnglish, kGerman);
  }
  fasttext::Args args;
  args.input = folder.write("train.txt", lines).string();
  args.output = (folder.path() / "model").string();
  args.model = fasttext::model_name::sup;
  args.loss = fasttext::loss_name::softmax;
  args.dim = 4;
  args.bucket = 1000;
  args.minn = 2;
  args.maxn = 3;
  args.minCount = 1;
  args.epoch = 20;
  args.lr = 0.5;
  args.thread = 1;
  args.verbose = 0;
  fasttext::FastText model;
  model.train(args);
  const auto path = (folder.path() / "model.bin").string();
  model.saveModel(path);
  return path;
}

Document document_of(std::string_view text) {
  Document document;
  document.id = "a";
  document.parts = {{.text = std::string(text)}};
  return document;
}

}  // namespace

TEST_CASE("detector: CLD2 tells the shares of languages", "[data][detector]") {
  const auto detector = LanguageDetector::make(Cld2Config{});
  const auto found = detect(*detector, kEnglish, "", false);
  CHECK(found.tag == "en");
  CHECK(found.score > 0.9F);
  CHECK(std::isnan(found.paragraph_share));
  CHECK(detect(*detector, kEnglish, "de", false).score == 0);
  CHECK(detect(*detector, "0x1F ##", "", false).score == 0);
  CHECK(std::isnan(detect(*detector, "0x1F ##", "de", false).score));
  const auto mixed = fmt::format("{}\n{}\n{}", kEnglish, kGerman, kEnglish);
  const auto lines = detect(*detector, mixed, "de", true);
  CHECK(lines.tag == "de");
  CHECK(lines.paragraph_share == Approx(0.33).margin(0.03));
}

TEST_CASE("detector: a fastText model gives probabilities", "[data][detector]") {
  const TempFolder folder;
  FastTextConfig config;
  config.path = small_model(folder);
  const auto detector = LanguageDetector::make(config);
  const auto found = detect(*detector, fmt::format("{}\n{}", kGerman, kGerman), "", false);
  CHECK(found.tag == "de");
  CHECK(found.score > 0.5F);
  CHECK(detector->guess(kEnglish)[0].tag == "en");
  config.min_score = 1;
  CHECK(LanguageDetector::make(config)->guess("der the").empty());
  config.path = folder.write("no.bin", "this is no model").string();
  CHECK(testing::message_of<DataError>([&] {
          LanguageDetector::make(config);
        }).find("must be a fastText model") != std::string::npos);
}

TEST_CASE("preparing: documents are normalised, measured and named", "[data][prepare]") {
  const Preparer preparer({});
  auto document = document_of(fmt::format("{}\u00AD \r\nMore to a@b.de.", kEnglish));
  const auto row = preparer.prepare(document, "");
  REQUIRE(row);
  CHECK(document.language == "en");
  CHECK(document.parts[0].text == fmt::format("{} \nMore to a@b.de.", kEnglish));
  CHECK(row->text_bytes == document.parts[0].text.size());
  CHECK(row->signals[static_cast<size_t>(find_signal("personal.emails"))] == 1);
  CHECK(row->signals[static_cast<size_t>(find_signal("fineweb.lines"))] == 2);
  CHECK(row->kind == 0);
  auto empty = document_of("\u200E");
  CHECK_FALSE(preparer.prepare(empty, ""));
  auto named = document_of(kEnglish);
  CHECK(preparer.prepare(named, "fr"));
  CHECK(named.language == "fr");
}

}  // namespace reka::data
