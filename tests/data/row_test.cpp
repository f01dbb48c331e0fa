#include "data/batch/row.h"

#include "data/batch/expand.h"
#include "reka/base/error.h"
#include "tests/data/made_samples.h"
#include "tests/support/testing.h"

namespace reka::data {
namespace {

using testing::byte_tokenizer;
using testing::media_sample;
using testing::text_sample;

/// Four tokens for a picture, three for sound, for a video two runs of two with their times.
MediaLayout test_layout(Modality modality, const Geometry&) {
  if (modality == Modality::kVideo) return {.runs = 2, .tokens_per_run = 2, .times = {0.5F, 1.5F}};
  return {.runs = 1, .tokens_per_run = modality == Modality::kImage ? 4 : 3, .times = {}};
}

MediaInput test_decoder(const SampleMedia& item) {
  return {.modality = item.modality, .values = at::zeros({1})};
}

Expander test_expander() {
  return {byte_tokenizer(), test_layout};
}

std::string text_of(std::span<const int32_t> tokens) {
  return byte_tokenizer()->decode(tokens);
}

template <typename T>
std::vector<T> values_of(const at::Tensor& tensor) {
  return {tensor.const_data_ptr<T>(), tensor.const_data_ptr<T>() + tensor.numel()};
}

/// The index of a shard for one item.
std::vector<MediaRecord> records_of(const Sample& sample) {
  std::vector<MediaRecord> records;
  for (const auto& item : sample.media)
    records.push_back({.token = static_cast<uint32_t>(item.token),
                       .modality = static_cast<uint32_t>(item.modality)});
  return records;
}

}  // namespace

TEST_CASE("expand: media take the room that the rule gives them", "[data][expand]") {
  const auto expander = test_expander();
  const auto image = media_sample("i", Modality::kImage, {}, "cat");
  auto expanded = expander.expand(image.tokens, image.targets, image.media);
  CHECK(text_of(expanded.tokens) ==
        "<image><REKA_IMG_TOKEN><REKA_IMG_TOKEN><REKA_IMG_TOKEN><REKA_IMG_TOKEN></image>cat"
        "<|endoftext|>");
  REQUIRE(expanded.media.size() == 1);
  CHECK(expanded.media[0][0].begin == 1);
  CHECK(expanded.media[0][0].length == 4);
  CHECK(expanded.targets[0].begin == 6);

  const auto video = media_sample("v", Modality::kVideo, {}, "run");
  expanded = expander.expand(video.tokens, video.targets, video.media);
  CHECK(text_of(expanded.tokens) ==
        "<video>t=0.5s<image><REKA_IMG_TOKEN><REKA_IMG_TOKEN></image>\n"
        "t=1.5s<image><REKA_IMG_TOKEN><REKA_IMG_TOKEN></image>\n</video>run<|endoftext|>");
  REQUIRE(expanded.media[0].size() == 2);
  for (const auto& run : expanded.media[0]) {
    CHECK(run.length == 2);
    CHECK(text_of(std::span(expanded.tokens).subspan(run.begin, 2)) ==
          "<REKA_IMG_TOKEN><REKA_IMG_TOKEN>");
  }
  for (const auto& sample : {image, video})
    CHECK(expander.length(static_cast<int64_t>(sample.tokens.size()), records_of(sample)) ==
          static_cast<int64_t>(
              expander.expand(sample.tokens, sample.targets, sample.media).tokens.size()));
}

TEST_CASE("expand: targets keep their tokens, and media are never predicted", "[data][expand]") {
  auto sample = media_sample("i", Modality::kImage, {}, "cat");
  sample.targets = {{0, static_cast<int32_t>(sample.tokens.size())}};
  const auto expanded = test_expander().expand(sample.tokens, sample.targets, sample.media);
  const auto predicted = predicted_tokens(expanded.targets, expanded.tokens.size());
  std::vector<int32_t> tokens;
  for (size_t i = 0; i < predicted.size(); ++i)
    if (predicted[i] != 0) tokens.push_back(expanded.tokens[i]);
  CHECK(text_of(tokens) == "<image></image>cat<|endoftext|>");
}

TEST_CASE("row: a target's weight stands at the token before it", "[data][row]") {
  auto chat = text_sample("c", "ab?cd");
  chat.targets = {{3, 3}};
  const auto batch = make_batch(std::vector{chat}, test_expander(), test_decoder);
  CHECK(values_of<float>(batch.target_weight) == std::vector<float>{0, 0, 1, 1, 1, 0});
  const auto targets = values_of<int64_t>(batch.targets);
  for (size_t i = 0; i + 1 < chat.tokens.size(); ++i) CHECK(targets[i] == chat.tokens[i + 1]);
  CHECK(batch.weight == 3);
}

TEST_CASE("row: packed documents have the positions, targets and weights of single ones",
          "[data][row]") {
  std::vector<Sample> samples = testing::text_samples(5, 20, 3);
  samples.push_back(media_sample("i", Modality::kImage, {}, "cat"));
  samples.push_back(media_sample("v", Modality::kVideo, {}, "run"));
  samples[2].targets = {{1, 1}};
  samples[3].targets.clear();
  const auto packed = make_batch(samples, test_expander(), test_decoder);
  REQUIRE(packed.documents.size() == samples.size());
  REQUIRE(packed.input.media.size() == 2);
  int64_t begin = 0;
  double weight = 0;
  for (size_t i = 0; i < samples.size(); ++i) {
    const auto single = make_batch(std::span(samples).subspan(i, 1), test_expander(), test_decoder);
    const auto end = begin + single.input.sequence.tokens();
    CHECK(packed.input.sequence.starts[i] == begin);
    const auto slice = [&](const at::Tensor& tensor) { return tensor.slice(0, begin, end); };
    CHECK(slice(packed.input.tokens).equal(single.input.tokens));
    CHECK(slice(packed.input.sequence.positions).equal(single.input.sequence.positions));
    CHECK(slice(packed.targets).equal(single.targets));
    CHECK(slice(packed.target_weight).equal(single.target_weight));
    weight += single.weight;
    begin = end;
  }
  CHECK(packed.weight == weight);
  CHECK(packed.input.sequence.tokens() == begin);
  for (const auto& item : packed.input.media) {
    const auto tokens = values_of<int64_t>(packed.input.tokens);
    const auto first = packed.input.sequence.starts[static_cast<size_t>(item.document)];
    for (const auto& run : item.runs) {
      CHECK(run.begin > first);
      for (auto i = run.begin; i < run.begin + run.length; ++i)
        CHECK(tokens[static_cast<size_t>(i)] == byte_tokenizer()->special("<REKA_IMG_TOKEN>"));
    }
  }
}

TEST_CASE("row: prefix-LM on media and chats shows all that stands before the first target",
          "[data][row]") {
  const RowRules rules(64, {.causal = 0, .prefix_lm = 1}, byte_tokenizer(),
                       {"test", test_layout, test_decoder});
  const auto sample = media_sample("i", Modality::kImage, {}, "cat");
  const auto view = view_of(sample);
  const TextPiece piece{0, 7, 10, Denoiser::kPrefix};
  const auto document = make_document(view, piece, rules, test_decoder, 0);
  CHECK(document.example.prefix_length == 6);
  CHECK(document.info.modality == Modality::kImage);
  CHECK(document.info.text_bytes == 3);
}

TEST_CASE("row: filler has no weight, no sample and counts as padding", "[data][row]") {
  BatchBuilder builder(1);
  builder.add_filler(0);
  builder.add_filler(5);
  const auto batch = builder.finish();
  CHECK(batch.padding == 5);
  CHECK(batch.weight == 0);
  REQUIRE(batch.documents.size() == 1);
  CHECK(batch.documents[0].sample_id == 0);
  CHECK(batch.input.sequence.starts == std::vector<int64_t>{0, 5});
  CHECK(batch.target_weight.sum().item<float>() == 0);
}

TEST_CASE("row: an item that cannot be decoded is named", "[data][row]") {
  const std::vector<Sample> samples = {text_sample("one", "some text"),
                                       media_sample("lines:2", Modality::kImage, {}, "cat")};
  const auto refuse = [](const SampleMedia&) -> MediaInput { throw DataError("image: damaged"); };
  CHECK_THROWS_WITH(make_batch(samples, test_expander(), refuse), "lines:2: image: damaged");
}

TEST_CASE("row: samples fit together by their length with media", "[data][row]") {
  const std::vector<Sample> samples(5, media_sample("i", Modality::kImage, {}, "cat"));
  const auto length = static_cast<int64_t>(samples[0].tokens.size()) + 3;  // four for one
  CHECK(samples_that_fit(samples, test_expander(), 3 * length) == 3);
  CHECK(samples_that_fit(samples, test_expander(), 3 * length - 1) == 2);
  CHECK(samples_that_fit(samples, test_expander(), 1) == 1);
  CHECK(samples_that_fit({}, test_expander(), 1) == 0);
}

}  // namespace reka::data
