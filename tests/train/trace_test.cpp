#include "train/trace.h"

#include <algorithm>
#include <map>
#include <set>

#include "reka/base/error.h"
#include "reka/base/hash.h"
#include "tests/support/message.h"
#include "tests/support/testing.h"
#include "tests/train/tiny_training.h"

namespace {

using namespace reka;
using namespace reka::testing;
using Catch::Matchers::Contains;
using train::Outcome;

/// The ids in the rows of a step, as a feed of one rank gives them.
std::multiset<uint64_t> ids_of_step(train::Feed& feed, int64_t step,
                                    const data::LoaderState& from) {
  const auto& stage = feed.enter(step - 1, from);
  std::multiset<uint64_t> ids;
  for (int64_t rows = 0; rows < stage.rows; rows += stage.micro_rows) {
    for (const auto& document : feed.next().documents) {
      if (document.sample_id != 0) ids.insert(document.sample_id);
    }
  }
  return ids;
}

}  // namespace

TEST_CASE("trace: a step has the documents that the trainer read in it", "[train][trace]") {
  const TinyTraining training;
  const Overrides overrides = {"stages.a.steps=3", "stages.b.steps=4",
                               "stages.b.sequence_length=64", "stages.b.sources.a.weight=3",
                               "train.steps=7"};
  CHECK(training.train(overrides) == Outcome::kComplete);
  train::Trace trace(training.run);
  CHECK(trace.newest().step == 7);
  const auto resolved = load_config<train::RunConfig>(training.config, overrides);
  train::Feed feed(resolved.config, train::plan_stages(resolved, 1),
                   data::Tokenizer::load(training.shards), {});
  std::set<std::string> named;
  for (int64_t step = 1; step <= 7; ++step) {
    const auto documents = trace.step(step);
    std::multiset<uint64_t> ids;
    for (const auto& document : documents) ids.insert(document.sample_id);
    CHECK(ids == ids_of_step(feed, step, {}));
    for (const auto& document : documents) {
      CHECK(document.language == (document.source == "a" ? "en" : "de"));
      const auto uses = trace.uses(document.source + "/" + document.document);
      CHECK(std::ranges::any_of(
          uses, [&](const auto& use) { return use.to_json() == document.to_json(); }));
      named.insert(document.source);
    }
  }
  CHECK(named.size() == 2);
  CHECK(trace.order_hash() == trace.newest().order_hash);
  CHECK_THAT(message_of<DataError>([&] { trace.uses("nowhere"); }),
             Contains("nowhere: must be a document it trains on"));
  CHECK_THAT(message_of<DataError>([&] { trace.step(8); }),
             Contains("step 8: expected one from 1 to 7"));
}

TEST_CASE("trace: a stage that brings in a source is told with the one before", "[train][trace]") {
  const TinyTraining training;
  const Overrides overrides = {"stages.a.steps=3", "stages.a.sources.b.weight=0",
                               "stages.b.steps=4", "train.steps=7", "checkpoint.keep=1"};
  CHECK(training.train(overrides) == Outcome::kComplete);
  train::Trace trace(training.run);
  CHECK(trace.order_hash() == trace.newest().order_hash);
  for (const auto& document : trace.step(2)) CHECK(document.source == "a");
  CHECK(std::ranges::any_of(trace.step(6),
                            [](const auto& document) { return document.source == "b"; }));
}

TEST_CASE("trace: a long document is named in each row that has a piece of it", "[train][trace]") {
  const TinyTraining training;
  CHECK(training.train({"data.sequence_length=16", "train.steps=20"}) == Outcome::kComplete);
  train::Trace trace(training.run);
  std::map<std::string, std::map<int64_t, int64_t>> tokens;  // of each piece
  for (int64_t step = 1; step <= 20; ++step) {
    for (const auto& document : trace.step(step)) {
      CHECK(document.begin + document.tokens <= 16);
      tokens[document.source + "/" + document.document][document.piece] = document.tokens;
    }
  }
  size_t cut = 0;
  for (const auto& [name, pieces] : tokens) cut += pieces.size() > 1;
  CHECK(cut > 0);
  CHECK(trace.order_hash() == trace.newest().order_hash);
}

TEST_CASE("trace: a run whose mixture was changed is told from its checkpoints", "[train][trace]") {
  const TinyTraining training;
  Overrides overrides = {"checkpoint.keep=9", "train.steps=4"};
  CHECK(training.train(overrides) == Outcome::kComplete);
  overrides = {"checkpoint.keep=9", "train.steps=9", "data.sources.a.weight=4",
               "data.sources.b.repeat=5"};
  CHECK(training.train(overrides) == Outcome::kComplete);
  {
    train::Trace trace(training.run);
    CHECK(trace.order_hash() == trace.newest().order_hash);
    CHECK(hex(trace.order_hash()) == training.log().back()["order_hash"]);
  }
  std::filesystem::remove_all(training.run / "checkpoints" / "step-4");
  {
    train::Trace trace(training.run);  // from what was kept at the resume
    CHECK(trace.order_hash() == trace.newest().order_hash);
    CHECK(trace.uses(trace.step(2)[0].document)[0].step <= 2);
  }
  std::filesystem::remove_all(training.run / train::kResumedFolder);
  train::Trace later(training.run);
  CHECK_NOTHROW(later.step(5));
  CHECK_THAT(message_of<DataError>([&] { later.step(4); }),
             Contains("step 4: its mixture was another, and no checkpoint of it is left"));
}

TEST_CASE("trace: what is kept of a resumed run is there whole or not at all", "[train][trace]") {
  const TinyTraining training;
  CHECK(training.train({"train.steps=2"}) == Outcome::kComplete);
  std::filesystem::create_directories(training.run / train::kResumedFolder / "made");  // and killed
  CHECK_NOTHROW(train::Trace(training.run).step(1));
  CHECK(training.train({"train.steps=4"}) == Outcome::kComplete);
  CHECK_FALSE(std::filesystem::exists(training.run / train::kResumedFolder / "made"));
  CHECK(std::filesystem::exists(training.run / train::kResumedFolder / "step-2/state.json"));
}

TEST_CASE("trace: a run without a checkpoint is told from its config", "[train][trace]") {
  const TinyTraining training;
  CHECK(training.train() == Outcome::kComplete);
  train::Trace with(training.run);
  const auto before = with.step(3);
  std::filesystem::remove_all(training.run / "checkpoints");
  train::Trace without(training.run);
  const auto after = without.step(3);
  REQUIRE(before.size() == after.size());
  for (size_t i = 0; i < before.size(); ++i) CHECK(before[i].to_json() == after[i].to_json());
}
