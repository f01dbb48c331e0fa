#include <algorithm>
#include <filesystem>
#include <set>

#include "reka/base/files.h"
#include "reka/parallel/supervise.h"
#include "tests/support/message.h"
#include "tests/support/testing.h"
#include "tests/train/tiny_training.h"
#include "train/trace.h"

namespace {

using namespace reka;
using namespace reka::testing;
namespace fs = std::filesystem;
using Catch::Matchers::Contains;
using train::Outcome;

/// A training, and an exam of which an item is one of its texts.
struct Guarded : TinyTraining {
  Guarded() {
    text = tiny_texts(80, xxh3_64("a")).at(5);
    folder.write("exam.jsonl",
                 Json{{"id", "first"}, {"question", "Nothing of this is there."}}.dump() + "\n" +
                     Json{{"id", "second"}, {"question", text}}.dump() + "\n");
  }

  Overrides guarded(Overrides others = {}) const {
    others.push_back("data.guard.sets.exam.path=" + (folder.path() / "exam.jsonl").string());
    others.push_back("data.guard.ngram=6");
    others.push_back("data.guard.longest=6");
    return others;
  }

  std::set<std::string> masked(const std::string& name = "run") const {
    std::set<std::string> names;
    for (const auto& line : train::read_step_log(folder.path() / name / "masked.jsonl")) {
      for (const auto& sample : line["masked"]) {
        CHECK_THAT(sample["finding"].get<std::string>(), Contains("exam: item second: "));
        CHECK(names.insert(sample["document"]).second);  // each once
      }
    }
    return names;
  }

  std::string text;
};

}  // namespace

TEST_CASE("guard: a set that is named later is masked, named once, and traced", "[train][guard]") {
  const Guarded training;
  CHECK(training.train({"train.steps=12"}) == Outcome::kComplete);
  CHECK_FALSE(fs::exists(training.run / "masked.jsonl"));
  for (const auto* steps : {"train.steps=30", "train.steps=80"})
    CHECK(training.train(training.guarded({steps})) == Outcome::kComplete);
  CHECK(training.masked().contains("a/5"));
  const auto log = training.log();
  int64_t pieces = 0;
  for (const auto& line : log) pieces += line.value("masked", 0);
  CHECK(pieces > 1);

  train::Trace trace(training.run);
  CHECK(trace.order_hash() == trace.newest().order_hash);
  const auto uses = trace.uses("a/5");
  REQUIRE_FALSE(uses.empty());
  for (const auto& use : uses) CHECK(use.masked.empty() == (use.step <= 12));
  CHECK_THAT(read_file(training.run / "report.html"), Contains("masked"));
}

TEST_CASE("guard: one process masks as two do", "[train][guard]") {
  const Guarded training;
  CHECK(training.train(training.guarded({"train.steps=12"})) == Outcome::kComplete);
  setenv("REKA_TEST_CONFIG", training.config.c_str(), 1);
  setenv("REKA_TEST_GUARD", training.guarded()[0].c_str(), 1);
  setenv("REKA_TEST_RUN", training.dir("ranks").c_str(), 1);
  const auto self = fs::read_symlink("/proc/self/exe").string();
  REQUIRE(supervise({{self, "guard: one rank of two"}, 2}) == 0);
  CHECK(training.masked() == training.masked("ranks"));
  const auto one = training.log(), two = training.log("ranks");
  REQUIRE(one.size() == two.size());
  for (size_t n = 0; n < one.size(); ++n) {
    CHECK(one[n].value("masked", 0) == two[n].value("masked", 0));
    CHECK(one[n]["targets"] == two[n]["targets"]);
    CHECK(one[n]["loss"].get<double>() == Approx(two[n]["loss"].get<double>()).epsilon(1e-5));
  }
}

TEST_CASE("guard: one rank of two", "[.]") {
  at::set_num_threads(1);
  const auto config = load_config<train::RunConfig>(
      std::getenv("REKA_TEST_CONFIG"),
      {std::getenv("REKA_TEST_RUN"), "train.steps=12", std::getenv("REKA_TEST_GUARD"),
       "data.guard.ngram=6", "data.guard.longest=6"});
  CHECK(train::Trainer(config, read_launch()).run() == Outcome::kComplete);
}

TEST_CASE("guard: a set that is not there ends the run before its first step", "[train][guard]") {
  const Guarded training;
  CHECK_THAT(message_of<DataError>([&] {
               training.train({"data.guard.sets.exam.path=" + training.folder.path().string() +
                               "/none.jsonl"});
             }),
             Contains("none.jsonl"));
  CHECK_FALSE(fs::exists(training.run / "log.jsonl"));
}
