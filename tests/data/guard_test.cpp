#include "data/batch/guard.h"

#include <algorithm>
#include <set>

#include "data/batch/loader.h"
#include "data/shards/writer.h"
#include "reka/base/error.h"
#include "reka/base/files.h"
#include "tests/data/loader_setup.h"
#include "tests/data/made_media.h"
#include "tests/support/testing.h"

namespace reka::data {
namespace {

using testing::byte_tokenizer;
using testing::media_sample;
using testing::rows_of;
using testing::text_sample;

const std::string kExamQuestion =
    "A train leaves the old station at noon and meets another one that left the harbour an hour "
    "before it";

std::string filler(int number) {
  std::string text;
  for (int n = 0; n < 12; ++n) text += fmt::format("w{}x{} ", number, n * number);
  return text;
}

// Texts of which one quotes an item in a piece of many rows, and a picture whose caption does.
struct Quoting : testing::LoaderSetup {
  Quoting() {
    folder = temporary.path() / "quoting";
    sources = {{"text", folder, 1}, {"image", folder, 1}};
    ShardWriter writer(folder, {.tokenizer = byte_tokenizer()->fingerprint()});
    for (int n = 0; n < 30; ++n) writer.add(text_sample(fmt::format("doc{}", n), filler(n)));
    writer.add(
        text_sample("quoting", filler(31) + filler(32) + "«" + kExamQuestion + "»" + filler(33)));
    for (int n = 0; n < 4; ++n) {
      writer.add(media_sample(fmt::format("picture{}", n), Modality::kImage, {8, 8, 0, 0},
                              n == 2 ? kExamQuestion.substr(0, 80) : "a caption"));
    }
    writer.finish();
    write_file_atomic(temporary.path() / "exam.jsonl",
                      Json{{"task_id", "exam/7"}, {"question", kExamQuestion}}.dump() + "\n");
    guard_config.ngram = guard_config.longest = 8;
    guard_config.sets.emplace_back("exam", EvaluationSetConfig{.path = "exam.jsonl"});
  }

  std::shared_ptr<const Guard> guard() const {
    return std::make_shared<const Guard>(guard_config, temporary.path(), byte_tokenizer());
  }

  DecontaminationConfig guard_config;
};

struct Epoch {
  std::vector<Batch> batches;
  std::vector<Refused> masked;
  int64_t pieces_masked = 0;
};

Epoch read(const Quoting& setup, int batches) {
  auto loader = setup.loader();
  Epoch epoch;
  for (int n = 0; n < batches; ++n) {
    epoch.batches.push_back(loader.next());
    epoch.pieces_masked += epoch.batches.back().masked;
    auto found = loader.take_found();
    epoch.masked.insert(epoch.masked.end(), found.masked.begin(), found.masked.end());
    CHECK(found.damaged.empty());
  }
  CHECK((loader.report().masked == epoch.masked));
  return epoch;
}

}  // namespace

TEST_CASE("guard: what quotes an evaluation set stands in its row without targets",
          "[data][guard]") {
  Quoting setup;
  const auto plain = read(setup, 30);
  setup.config.guard = setup.guard();
  const auto guarded = read(setup, 30);
  CHECK(plain.masked.empty());
  CHECK(plain.pieces_masked == 0);

  std::set<std::string> names;
  for (const auto& sample : guarded.masked) names.insert(sample.document);
  CHECK(guarded.masked.size() == 2);
  CHECK(names == std::set<std::string>{"text/quoting", "image/picture2"});
  CHECK_THAT(guarded.masked.front().finding, Catch::StartsWith("exam: item exam/7: "));

  std::set<uint64_t> masked_ids;
  const auto shard_ids = [&] {
    for (const auto& info : Manifest::load(setup.folder).shards) {
      const ShardReader shard(setup.folder / info.file);
      for (uint32_t n = 0; n < shard.size(); ++n) {
        const auto name = shard.document_id(n);
        if (name == "quoting" || name == "picture2") masked_ids.insert(shard.id(n));
      }
    }
  };
  shard_ids();
  int64_t pieces = 0;
  for (size_t n = 0; n < plain.batches.size(); ++n) {
    const auto& before = plain.batches[n];
    const auto& after = guarded.batches[n];
    CHECK(before.input.tokens.equal(after.input.tokens));
    CHECK(before.input.sequence.starts == after.input.sequence.starts);
    auto expected = before.target_weight.clone();
    for (size_t d = 0; d < before.documents.size(); ++d) {
      if (!masked_ids.contains(before.documents[d].sample_id)) continue;
      ++pieces;
      const auto begin = before.input.sequence.starts[d];
      expected.slice(0, begin, before.input.sequence.starts[d + 1]).zero_();
      CHECK(after.documents[d].text_bytes == 0);
    }
    CHECK(expected.equal(after.target_weight));
    CHECK(expected.sum().item<double>() == after.weight);
  }
  CHECK(pieces > 2);  // the long text has several in an epoch
  CHECK(pieces == guarded.pieces_masked);
}

TEST_CASE("guard: threads change nothing of what is masked and told", "[data][guard]") {
  Quoting setup;
  setup.config.guard = setup.guard();
  const auto one = read(setup, 20);
  setup.config.threads = 3;
  const auto three = read(setup, 20);
  CHECK((one.masked == three.masked));
  CHECK(one.pieces_masked == three.pieces_masked);
  for (size_t n = 0; n < one.batches.size(); ++n)
    CHECK(rows_of(one.batches[n]) == rows_of(three.batches[n]));
}

TEST_CASE("guard: the text of a sample has a line for each run between specials", "[data][guard]") {
  auto sample = media_sample("p", Modality::kImage, {8, 8, 0, 0}, "one ");
  sample.tokens.pop_back();
  for (const auto* symbol : {"<sep>", "<|endofchunk|>"})
    sample.tokens.push_back(byte_tokenizer()->special(symbol));
  for (const auto id : byte_tokenizer()->encode("two <sep>")) sample.tokens.push_back(id);
  sample.tokens.push_back(byte_tokenizer()->end_of_text());
  SampleView view;
  view.tokens = sample.tokens;
  CHECK(text_of(view, *byte_tokenizer()) == "one \ntwo <sep>");
  view.tokens.clear();
  CHECK(text_of(view, *byte_tokenizer()).empty());
}

TEST_CASE("guard: a set that is not there is an error, not a guard that lets all pass",
          "[data][guard]") {
  Quoting setup;
  setup.guard_config.sets.emplace_back("other", EvaluationSetConfig{.path = "none/*.jsonl"});
  CHECK_THROWS_WITH(setup.guard(), Catch::StartsWith("data.guard.sets.other: none/*.jsonl: "));
}

TEST_CASE("guard: media of an evaluation set are known in another size and encoding",
          "[data][guard]") {
  Quoting setup;
  const auto image = testing::scene(1, 120, 160);
  setup.temporary.write("quiz/1.png", testing::encoded(image, ".png"));
  setup.temporary.write("quiz/2.wav", testing::melody_file({.seed = 1}).bytes);
  setup.guard_config.sets.clear();
  setup.guard_config.media_sets.emplace_back("quiz", MediaSetConfig{.path = "quiz/*"});
  const auto guard = setup.guard();
  uint64_t id = 0;
  const auto found = [&](const std::vector<MediaFile>& files) {
    SampleView sample{.id = ++id};
    for (const auto& file : files)
      sample.media.push_back({file.modality, file.geometry, 0, as_bytes(file.bytes)});
    return guard->find(sample);
  };
  const auto other = testing::picture_file(testing::scene(2, 120, 160));
  const auto turned = image.transpose(1, 2).contiguous();
  CHECK(found({}) == std::nullopt);
  CHECK(found({other}) == std::nullopt);
  CHECK(found({other, testing::picture_file(turned, ".jpg")}) ==
        "quiz: item quiz/1.png: medium 2 of 2");
  CHECK(found({testing::melody_file({.seed = 1, .rate = 22050, .mu_law = true})}) ==
        "quiz: item quiz/2.wav: medium 1 of 1");
  auto damaged = other;
  damaged.bytes.resize(30);
  CHECK(found({damaged}) == std::nullopt);
  const auto text = text_sample("a", kExamQuestion);
  SampleView quoting{.id = ++id, .tokens = text.tokens};
  CHECK(guard->find(quoting) == std::nullopt);
}

}  // namespace reka::data
