#include "train/trainer.h"

#include <csignal>
#include <cstdlib>
#include <filesystem>

#include <ATen/Parallel.h>

#include "reka/base/error.h"
#include "reka/base/files.h"
#include "reka/model/model_folder.h"
#include "reka/parallel/supervise.h"
#include "reka/weights/checkpoint.h"
#include "tests/support/file_limit.h"
#include "tests/support/message.h"
#include "tests/support/temp_folder.h"
#include "tests/support/testing.h"
#include "tests/train/tiny_training.h"
#include "train/signals.h"

namespace {

using namespace reka;
using namespace reka::testing;
namespace fs = std::filesystem;
using Catch::Matchers::Contains;
using train::Outcome;

/// What depends on the steps alone, not on the clock or on where a part of the run ends.
Json of_steps(std::vector<Json> log) {
  for (auto& entry : log) {
    entry.erase("held_out");
    for (const auto* key : {"seconds", "data_seconds", "save_seconds", "tokens_per_second",
                            "memory_bytes", "peak_share"}) {
      entry.erase(key);
    }
  }
  return log;
}

void check_same_run(const TinyTraining& training, const std::string& one,
                    const std::string& other) {
  CHECK(of_steps(training.log(one)) == of_steps(training.log(other)));
  const auto step = fmt::format("checkpoints/step-{}", training.saved(one).front());
  int files = 0;
  for (const auto& entry : fs::directory_iterator(training.folder.path() / one / step)) {
    if (entry.path().extension() != ".safetensors" && entry.path().filename() != "state.json") {
      continue;
    }
    INFO(entry.path().filename());
    const auto same = training.folder.path() / other / step / entry.path().filename();
    CHECK((read_file(entry.path()) == read_file(same)));
    ++files;
  }
  CHECK(files == 3);
}

}  // namespace

TEST_CASE("trainer: an interrupted run that is resumed equals the straight one bit for bit",
          "[train][trainer]") {
  const TinyTraining training;
  // The learning rate and the order must not begin anew, nor the place in an epoch.
  const Overrides schedule = {"schedule.type=cosine", "schedule.horizon=20"};
  auto straight = schedule, parts = schedule;
  straight.insert(straight.end(), {training.dir("straight"), "train.steps=12"});
  parts.push_back(training.dir("parts"));
  CHECK(training.train(straight) == Outcome::kComplete);
  for (const auto* steps : {"train.steps=5", "train.steps=7", "train.steps=12"}) {
    parts.emplace_back(steps);
    CHECK(training.train(parts) == Outcome::kComplete);
    parts.pop_back();
  }
  check_same_run(training, "straight", "parts");
  CHECK(training.log("parts").size() == 12);
  CHECK(training.log("parts")[11]["loss"] < training.log("parts")[0]["loss"]);
  parts.emplace_back("train.steps=12");
  CHECK(training.train(parts) == Outcome::kWasComplete);
}

TEST_CASE("trainer: SIGTERM saves and leaves, without an evaluation", "[train][trainer]") {
  const TinyTraining training;
  int shown = 0;
  const auto stop = [&](const Model&, const std::shared_ptr<const data::Tokenizer>&) {
    if (++shown == 2) std::raise(SIGTERM);
    return std::vector<Figure>();
  };
  CHECK(training.train({"evaluate.every=1"}, stop) == Outcome::kStopped);
  CHECK(training.saved() == std::vector<int64_t>{3});
  REQUIRE(training.log().size() == 3);
  CHECK(training.log()[1].contains("held_out"));
  CHECK_FALSE(training.log()[2].contains("held_out"));
  CHECK(shown == 2);
  CHECK(train::StopSignals::exit_code() == 128 + SIGTERM);
  CHECK(training.train({"evaluate.every=0"}) == Outcome::kComplete);
  CHECK(training.train({"evaluate.every=0", training.dir("straight")}) == Outcome::kComplete);
  const auto parts = training.log(), straight = training.log("straight");
  for (size_t i = 0; i < 6; ++i) CHECK(parts.at(i)["loss"] == straight.at(i)["loss"]);
}

TEST_CASE("trainer: the losses of two ranks are those of one process", "[train][trainer]") {
  const TinyTraining training;
  const Overrides overrides = {"evaluate.every=3", "evaluate.rows=5"};
  CHECK(training.train(overrides) == Outcome::kComplete);
  setenv("REKA_TEST_CONFIG", training.config.c_str(), 1);
  setenv("REKA_TEST_RUN", training.dir("ranks").c_str(), 1);
  const auto self = fs::read_symlink("/proc/self/exe").string();
  REQUIRE(supervise({{self, "trainer: one rank of two"}, 2}) == 0);
  const auto one = training.log(), two = training.log("ranks");
  REQUIRE(two.size() == 6);
  for (size_t i = 0; i < 6; ++i) {
    INFO("step " << i + 1);
    CHECK(one[i]["order_hash"] == two[i]["order_hash"]);
    CHECK(one[i]["loss"].get<double>() == Approx(two[i]["loss"].get<double>()).epsilon(1e-5));
  }
  for (const auto step : {2, 5}) {
    const auto& held_out = one[step]["held_out"];
    const auto& of_two = two[step]["held_out"];
    CHECK(held_out["targets"] == of_two["targets"]);
    CHECK(held_out["loss"].get<double>() == Approx(of_two["loss"].get<double>()).epsilon(1e-5));
    CHECK(held_out["by_language"].size() == 2);
  }
}

TEST_CASE("trainer: one rank of two", "[.]") {
  at::set_num_threads(1);
  const auto config = load_config<train::RunConfig>(
      std::getenv("REKA_TEST_CONFIG"),
      {std::getenv("REKA_TEST_RUN"), "evaluate.every=3", "evaluate.rows=5"});
  CHECK(train::Trainer(config, read_launch()).run() == Outcome::kComplete);
}

TEST_CASE("trainer: a stage of another source tells its own languages, resumed or not",
          "[train][trainer]") {
  const TinyTraining training;
  const auto more = training.folder.path() / "more";
  write_tiny_corpus(more, tiny_tokenizer(), {{"c", "fr"}});
  const Overrides stages = {"stages.first.steps=3",
                            "stages.first.sources.b.weight=0",
                            "stages.second.steps=4",
                            "stages.second.sequence_length=64",
                            "stages.second.sources.a.weight=0",
                            "stages.second.sources.b.weight=0",
                            "stages.second.sources.c.shards=" + more.string(),
                            "evaluate.every=7",
                            "evaluate.rows=1"};
  for (const std::string name : {"straight", "parts"}) {
    auto overrides = stages;
    overrides.push_back(training.dir(name));
    if (name == "parts") {
      overrides.emplace_back("train.steps=5");
      CHECK(training.train(overrides) == Outcome::kComplete);
      overrides.pop_back();
    }
    overrides.emplace_back("train.steps=7");
    CHECK(training.train(overrides) == Outcome::kComplete);
  }
  check_same_run(training, "straight", "parts");
  const auto log = training.log("straight");
  REQUIRE(log.size() == 7);
  for (size_t i = 0; i < 7; ++i) {
    INFO("step " << i + 1);
    const auto& languages = log[i]["by_language"];
    CHECK(languages.size() == 1);
    CHECK(languages.contains(i < 3 ? "en" : "fr"));
    CHECK(log[i]["stage"] == (i < 3 ? "first" : "second"));
  }
  // One row of each source that any stage draws from, though one row was asked for.
  CHECK(log[6]["held_out"]["by_language"].size() == 2);
  CHECK(log[6]["held_out"]["loss"] > 0);
}

TEST_CASE("trainer: a late stage without data is found before the first step", "[train][trainer]") {
  const TinyTraining training;
  const Overrides stages = {"stages.first.steps=2", "stages.second.steps=2",
                            "stages.second.sources.a.weight=0", "stages.second.sources.b.weight=0"};
  CHECK_THAT(message_of<ConfigError>([&] { training.train(stages); }), Contains("stage second"));
  CHECK(training.log().empty());
}

TEST_CASE(
    "trainer: a late stage whose rows hold none of its samples is found before the first step",
    "[train][trainer]") {
  const TinyTraining training;
  const auto more = training.folder.path() / "more";
  write_tiny_corpus(more, tiny_tokenizer(), {{.name = "c", .language = "fr", .whole = true}});
  const Overrides stages = {"stages.first.steps=2", "stages.second.steps=2",
                            "stages.second.sequence_length=2",
                            "stages.second.sources.c.shards=" + more.string()};
  const auto finding =
      Contains("stages.second: " + more.string() + ": source \"c\" has no rows of 2");
  CHECK_THAT(message_of<DataError>([&] { training.train(stages); }), finding);
  CHECK(training.log().empty());
  CHECK(training.train({"train.steps=1"}) == Outcome::kComplete);
  CHECK_THAT(message_of<DataError>([&] { training.train(stages); }), finding);
  CHECK(training.log().size() == 1);
}

TEST_CASE("trainer: a mistake in a stage is told with its place and its own key",
          "[train][trainer]") {
  const TinyTraining training;
  const auto finding = [&](const Overrides& overrides) {
    return message_of<ConfigError>([&] { training.train(overrides); });
  };
  CHECK_THAT(finding({"stages.x.steps=2", "stages.x.sources.nope.weight=2"}),
             Contains("command line: stages.x.sources.nope: must be one of a, b ("));
  CHECK_THAT(finding({"stages.x y.steps=2"}),
             Contains("stages.x y: must be named with letters, digits, - and _"));
  CHECK_THAT(finding({"train.freeze=[decoder]"}), Contains("must leave something to train"));
  CHECK_THAT(finding({"train.freeze=[decodr]"}), Contains("a parameter, such as decoder"));
  CHECK_THAT(finding({"data.sources.nope.weight=2"}),
             Contains("command line: data.sources.nope: must be one of a, b ("));
  CHECK_THAT(finding({"stages.x.steps=2", "stages.x.rows=8", "batch.micro_rows=3", "batch.rows=3"}),
             Contains("command line: batch.micro_rows = 3: must divide the 8 rows of a rank"));
  const auto config = training.folder.write(
      "stage.yaml", "include: run.yaml\nstages:\n  x: {steps: 2, sources: {nope: {weight: 1}}}\n");
  const auto loaded = load_config<train::RunConfig>(config);
  CHECK_THAT(message_of<ConfigError>([&] { train::Trainer(loaded, Launch()).run(); }),
             Contains("stage.yaml:3:") && Contains(": stages.x.sources.nope: must be one of"));
  CHECK(training.log().empty());
  CHECK(training.train({"train.steps=1"}) == Outcome::kComplete);
  CHECK_THAT(finding({"train.steps=1", "data.sources.nope.weight=2", "evaluate.every=1"}),
             Contains("command line: data.sources.nope: must be one of a, b ("));
}

TEST_CASE("trainer: sizes that no run has are refused as they are read", "[train][trainer]") {
  const TinyTraining training;
  for (const std::string key :
       {"batch.rows", "batch.micro_rows", "data.sequence_length", "data.prefetch", "train.steps",
        "stages.x.steps", "stages.x.rows", "evaluate.samples"}) {
    INFO(key);
    const auto finding = message_of<ConfigError>([&] { training.train({key + "=1000000000000"}); });
    CHECK_THAT(finding, Contains(key + " = 1000000000000: must be in ["));
  }
}

TEST_CASE("trainer: another tokenizer of the same size is refused", "[train][trainer]") {
  const TinyTraining training;
  CHECK(training.train({"train.steps=2"}) == Outcome::kComplete);
  const auto other = training.folder.path() / "other";
  write_tiny_corpus(other, tiny_tokenizer(true), {{"a", "en"}});
  const auto shards = "data.shards=" + other.string();
  const auto resumed = message_of<CheckpointError>([&] { training.train({shards}); });
  CHECK_THAT(resumed, Contains("step-2: its tokenizer is not that of data.shards: remove " +
                               training.run.string() + " to train anew"));
  CHECK(message_of<CheckpointError>([&] { training.train({shards, "train.steps=2"}); }) == resumed);
  CHECK_THAT(message_of<CheckpointError>([&] {
               training.train({shards, training.dir("new"), "init_from=" + training.run.string()});
             }),
             Contains("init_from = " + training.run.string() + ": its tokenizer is not that of"));
  const auto same = "init_from=" + training.run.string();
  CHECK(training.train({training.dir("new"), same, "train.steps=1"}) == Outcome::kComplete);
  CHECK_THAT(message_of<ConfigError>([&] {
               training.train({training.dir("heads"), same, "model.decoder.num_kv_heads=2"});
             }),
             Contains("model.decoder.num_kv_heads = 2: must be 1, as in init_from = "));
}

TEST_CASE("trainer: a file where the checkpoints go is found before the first step",
          "[train][trainer]") {
  const TinyTraining training;
  fs::create_directories(training.run);
  training.folder.write("run/checkpoints", "a file");
  CHECK_THAT(message_of<CheckpointError>([&] { training.train({"train.steps=2"}); }),
             Contains("run/checkpoints: is a file: must be a folder, or absent"));
  CHECK(training.log().empty());
}

TEST_CASE("trainer: a last save that fails is the end of it", "[train][trainer]") {
  const TinyTraining training;
  {
    const FileLimit limit(30'000);
    CHECK_THROWS_AS(training.train({"train.steps=2"}), CheckpointError);
  }
  CHECK(training.saved().empty());
  CHECK(training.log().size() == 2);
}

TEST_CASE("trainer: an error saves the steps before it", "[train][trainer]") {
  const TinyTraining training;
  const auto more = training.folder.path() / "more";
  write_tiny_corpus(more, tiny_tokenizer(), {{"c", "fr"}});
  const Overrides stages = {"stages.first.steps=3", "stages.second.steps=2", "train.steps=5",
                            "evaluate.every=3", "stages.second.sources.c.shards=" + more.string()};
  const auto lose_shard = [&](const Model&, const std::shared_ptr<const data::Tokenizer>&) {
    fs::rename(more / "c-train-00000.shard", training.folder.path() / "away");
    return std::vector<Figure>();
  };
  CHECK_THAT(message_of<DataError>([&] { training.train(stages, lose_shard); }),
             Contains("c-train-00000"));
  CHECK(training.saved() == std::vector<int64_t>{3});
  fs::rename(training.folder.path() / "away", more / "c-train-00000.shard");
  CHECK(training.train(stages) == Outcome::kComplete);
  CHECK(training.log().size() == 5);
}

TEST_CASE("trainer: frozen weights stay exact in bfloat16 and resume in any precision",
          "[train][trainer]") {
  const TinyTraining training;
  const std::string frozen = "decoder.embedding.weight";
  const auto config =
      load_config<train::RunConfig>(training.config, {"train.freeze=[decoder.embedding]"});
  const auto vocab = data::Tokenizer::load(training.shards)->vocab_size();
  const auto fresh = train::make_subject(config.config, vocab, at::kCPU);
  REQUIRE(fresh.frozen.size() == 1);
  for (const auto* precision : {"bf16", "fp32"}) {
    const auto steps = std::string(precision) == "bf16" ? 1 : 2;
    CHECK(training.train({"train.freeze=[decoder.embedding]", std::string("precision=") + precision,
                          fmt::format("train.steps={}", steps)}) == Outcome::kComplete);
    const auto step = training.run / fmt::format("checkpoints/step-{}", steps);
    const auto saved = read_tensors(step, "model-");
    CHECK(torch::equal(saved.at(frozen), fresh.frozen.front().master));
  }
}
