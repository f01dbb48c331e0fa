#include "data/tokens/render.h"

#include "reka/base/hash.h"
#include "tests/data/made_samples.h"
#include "tests/support/catch.h"

namespace reka::data {
namespace {

MediaFile medium(Modality modality, const std::string& bytes) {
  return {.modality = modality, .bytes = bytes, .geometry = {.width = 4, .height = 3}};
}

// A special where a part is one, else the bytes.
std::vector<int32_t> ids(const Tokenizer& tokenizer, const std::vector<std::string>& parts) {
  std::vector<int32_t> all;
  for (const auto& part : parts) {
    if (part[0] == '<') {
      all.push_back(tokenizer.special(part));
    } else {
      const auto some = tokenizer.encode(part);
      all.insert(all.end(), some.begin(), some.end());
    }
  }
  return all;
}

}  // namespace

TEST_CASE("render: media are one placeholder between marks and never targets", "[data][render]") {
  const auto tokenizer = testing::byte_tokenizer();
  Document document = {.id = "d",
                       .key = "k",
                       .source = "s",
                       .language = "de",
                       .split = Split::kDev,
                       .parts = {{.kind = Part::Kind::kMedia, .media = 0},
                                 {.text = "ab"},
                                 {.kind = Part::Kind::kMedia, .media = 1},
                                 {.kind = Part::Kind::kMedia, .media = 2},
                                 {.text = "xyz", .target = false},
                                 {.kind = Part::Kind::kSpecial, .text = "<sep>"}},
                       .media = {medium(Modality::kImage, "png"), medium(Modality::kAudio, "ogg"),
                                 medium(Modality::kVideo, "mp4")}};
  const auto sample = render(std::move(document), *tokenizer);
  CHECK(sample.tokens ==
        ids(*tokenizer, {"<image>", "<REKA_IMG_TOKEN>", "</image>", "ab", "<audio>",
                         "<REKA_ADO_TOKEN>", "</audio>", "<video>", "<REKA_IMG_TOKEN>", "</video>",
                         "xyz", "<sep>", "<|endoftext|>"}));
  REQUIRE(sample.media.size() == 3);
  CHECK(sample.media[0].token == 1);
  CHECK(sample.media[1].token == 6);
  CHECK(sample.media[2].token == 9);
  CHECK(sample.media[1].modality == Modality::kAudio);
  CHECK(sample.media[2].geometry.width == 4);
  CHECK(sample.media[2].bytes.data() ==
        reinterpret_cast<const std::byte*>(sample.files[2]->data()));
  REQUIRE(sample.targets.size() == 2);
  CHECK(sample.targets[0].begin == 3);
  CHECK(sample.targets[0].length == 2);
  CHECK(sample.targets[1].begin == 14);  // <sep> and the end, as one run
  CHECK(sample.targets[1].length == 2);
  CHECK(sample.text_bytes == 2);
  CHECK(sample.whole);
  CHECK(sample.key == xxh3_64("k"));
  CHECK(sample.document_id == "d");
  CHECK(sample.source == "s");
  CHECK(sample.language == "de");
  CHECK(sample.split == Split::kDev);
}

TEST_CASE("render: a literal special in text stays text, and plain text is not whole",
          "[data][render]") {
  const auto tokenizer = testing::byte_tokenizer();
  Document document;
  document.parts = {{.text = "a <image> <sep>"}};
  const auto sample = render(std::move(document), *tokenizer);
  REQUIRE(sample.tokens.size() == 16);
  for (size_t n = 0; n < 15; ++n) CHECK_FALSE(tokenizer->is_special(sample.tokens[n]));
  CHECK(sample.tokens[15] == tokenizer->end_of_text());
  CHECK_FALSE(sample.whole);
  CHECK(sample.text_bytes == 15);
  REQUIRE(sample.targets.size() == 1);
  CHECK(sample.targets[0].length == 16);
}

}  // namespace reka::data
