#include "train/resume.h"

#include <algorithm>
#include <csignal>
#include <filesystem>

#include "reka/base/error.h"
#include "reka/base/files.h"
#include "tests/support/message.h"
#include "tests/support/testing.h"
#include "tests/train/tiny_training.h"
#include "train/signals.h"

namespace {

using namespace reka;
using namespace reka::testing;
namespace fs = std::filesystem;
using Catch::Matchers::Contains;
using train::Outcome;

}  // namespace

TEST_CASE("trainer: what was cut off behind the last step is made up for", "[train][trainer]") {
  const TinyTraining training;
  const Overrides overrides = {"evaluate.every=3"};
  int shown = 0;
  const auto show = [&](const Model&, const std::shared_ptr<const data::Tokenizer>&) {
    return std::vector<Figure>{
        {.media_type = "", .bytes = "", .caption = fmt::format("show {}", ++shown)}};
  };
  CHECK(training.train(overrides, show) == Outcome::kComplete);
  const auto whole = training.log();
  CHECK(training.train(overrides, show) == Outcome::kWasComplete);
  CHECK(shown == 2);

  fs::remove(training.run / "report.html");  // killed in its last report
  CHECK(training.train(overrides, show) == Outcome::kComplete);
  CHECK(shown == 3);
  CHECK(read_file(training.run / "report.html").find("show 3") != std::string::npos);
  CHECK(training.log() == whole);

  auto without = whole;  // stopped in its last evaluation
  without.back().erase("held_out");
  std::string text;
  for (const auto& entry : without) text += dump_json(entry) + "\n";
  write_file_atomic(training.run / "log.jsonl", text);
  CHECK(training.train(overrides, show) == Outcome::kComplete);
  CHECK(training.log() == whole);
  CHECK(training.train(overrides, show) == Outcome::kWasComplete);
  CHECK(shown == 4);
}

TEST_CASE("trainer: samples that a stopped run did not make come with the same command",
          "[train][trainer]") {
  const TinyTraining training;
  int shown = 0;
  const auto show = [&](const Model&, const std::shared_ptr<const data::Tokenizer>&) {
    if (++shown == 2) std::raise(SIGTERM);  // after step 4 of 5
    return std::vector<Figure>();
  };
  const Overrides overrides = {"evaluate.every=2", "train.steps=5"};
  CHECK(training.train(overrides, show) == Outcome::kStopped);
  CHECK(training.saved() == std::vector<int64_t>{5});
  CHECK(training.train(overrides, show) == Outcome::kComplete);
  CHECK(shown == 3);
  CHECK(training.log().size() == 5);
  CHECK(training.log().back().contains("held_out"));
  CHECK(training.train(overrides, show) == Outcome::kWasComplete);
}

TEST_CASE("trainer: held-out losses that were cut off in the middle of a run are made up",
          "[train][trainer]") {
  const TinyTraining training;
  CHECK(training.train({"evaluate.every=2", "train.steps=2"}) == Outcome::kComplete);
  auto log = training.log();
  REQUIRE(log.size() == 2);
  const auto held_out = log[1].at("held_out");
  log[1].erase("held_out");
  write_file_atomic(training.run / "log.jsonl",
                    dump_json(log[0]) + "\n" + dump_json(log[1]) + "\n");
  CHECK(training.train({"evaluate.every=2", "train.steps=4"}) == Outcome::kComplete);
  log = training.log();
  REQUIRE(log.size() == 4);
  CHECK(log[1].at("held_out") == held_out);
  CHECK_FALSE(log[2].contains("held_out"));
  CHECK(log[3].contains("held_out"));
}

TEST_CASE("trainer: weights that do not fit name the keys that were changed", "[train][trainer]") {
  const TinyTraining training;
  CHECK(training.train({"train.steps=2"}) == Outcome::kComplete);
  const auto message =
      message_of<CheckpointError>([&] { training.train({"model.decoder.num_layers=2"}); });
  CHECK_THAT(message, Contains("blocks.1.") && Contains("is absent") &&
                          Contains("; changed since: model.decoder.num_layers = 2 (before: 1)"));
}

TEST_CASE("trainer: rows are no longer than the model's context", "[train][trainer]") {
  const TinyTraining training;
  CHECK_THAT(message_of<ConfigError>([&] { training.train({"data.sequence_length=96"}); }),
             Contains("command line: data.sequence_length = 96: must be at most "
                      "model.decoder.context = 64"));
  CHECK_THAT(message_of<ConfigError>([&] {
               training.train({"stages.long.steps=2", "stages.long.sequence_length=66"});
             }),
             Contains("command line: stages.long.sequence_length = 66: must be at most "));
  CHECK_FALSE(std::filesystem::exists(training.run / "checkpoints"));
}

TEST_CASE("trainer: weights that diverged in the last step are not saved", "[train][trainer]") {
  const TinyTraining training;
  CHECK(training.train({"train.steps=2"}) == Outcome::kComplete);
  CHECK_THAT(message_of<Error>([&] {
               training.train({"train.steps=3", "optimizer.lr=1e39", "evaluate.every=1"});
             }),
             Contains("step 3: held-out losses that are not finite, not saved"));
  CHECK(training.saved() == std::vector<int64_t>{2});
}

TEST_CASE("trainer: a learning rate that rises when a run is made longer is told",
          "[train][trainer]") {
  const TinyTraining training;
  const Overrides overrides = {"train.steps=6", "schedule.type=wsd", "schedule.warmup=2",
                               "schedule.decay=4"};
  CHECK(training.train(overrides) == Outcome::kComplete);
  const auto config = load_config<train::RunConfig>(training.config, overrides).config;
  const auto last = training.log().back()["lr"].get<double>();
  CHECK(train::raised_learning_rate(config, {.step = 6}, last).empty());
  CHECK(train::raised_learning_rate(config, {.step = 1}, 1).empty());  // warms up
  CHECK_THAT(train::raised_learning_rate(config, {.step = 6}, 1e-2),
             Contains("at step 6 to 1.00e-02") && Contains("schedule.horizon"));
}

TEST_CASE("trainer: settings that differ from the checkpoint's are named", "[train][trainer]") {
  const TinyTraining training;
  CHECK(training.train({"train.steps=2"}) == Outcome::kComplete);
  const auto resolved = [&](const Overrides& overrides) {
    return load_config<train::RunConfig>(training.config, overrides);
  };
  const auto before =
      load_config<train::RunConfig>(training.run / "checkpoints/step-2/config.yaml");
  CHECK(train::changed_keys(resolved({"train.steps=2"}).tree, before.tree).empty());
  const auto now = resolved({"optimizer.lr=2e-3", "train.freeze=[a, b]", "stages.x.steps=4"});
  const auto changes = train::changed_keys(now.tree, before.tree);
  std::vector<std::string> lines;
  for (const auto& [key, value, old] : changes) {
    lines.push_back(fmt::format("{} = {} (before: {})", key, value, old));
  }
  for (const std::string line :
       {"optimizer.lr = 0.002 (before: 0.01)", "train.freeze = [a, b] (before: [])",
        "train.steps = 6 (before: 2)", "stages.x.steps = 4 (before: not given)"}) {
    INFO(line);
    CHECK(std::ranges::find(lines, line) != lines.end());
  }
  const auto heads = message_of<ConfigError>([&] {
    training.train({"model.decoder.num_heads=4", "model.decoder.num_kv_heads=2"});
  });
  CHECK_THAT(heads, Contains("command line: model.decoder.num_heads = 4: must be 2 as in "));
  CHECK(training.train({"optimizer.lr=2e-3"}) == Outcome::kComplete);
}
