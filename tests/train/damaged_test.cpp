#include <algorithm>
#include <cstring>
#include <filesystem>

#include "data/shards/format.h"
#include "reka/base/error.h"
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

/// Flips a bit in a token of the first sample of every training shard of a source.
void damage_first_samples(const fs::path& shards, const std::string& source) {
  for (const auto& entry : fs::directory_iterator(shards)) {
    if (!entry.path().filename().string().starts_with(source + "-train")) continue;
    auto bytes = read_file(entry.path());
    data::ShardHeader header;
    std::memcpy(&header, bytes.data(), sizeof(header));
    bytes[header.section(data::Section::kTokens).offset] ^= 1;
    write_file_atomic(entry.path(), bytes);
  }
}

std::vector<std::string> names_of(const std::vector<Json>& lines) {
  std::vector<std::string> names;
  for (const auto& line : lines) {
    for (const auto& sample : line["quarantined"]) names.push_back(sample["document"]);
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace

TEST_CASE("damaged: a sample is named in the run and replaced, the same after a resume",
          "[train][damaged]") {
  const TinyTraining training;
  damage_first_samples(training.shards, "a");
  const Overrides all = {"train.steps=12"};
  CHECK(training.train(all) == Outcome::kComplete);
  const auto lines = train::read_step_log(training.run / "quarantine.jsonl");
  REQUIRE_FALSE(lines.empty());
  CHECK(lines[0]["quarantined"][0]["source"] == "a");
  CHECK_THAT(lines[0]["quarantined"][0]["finding"].get<std::string>(), Contains("damaged"));

  for (const auto* steps : {"train.steps=5", "train.steps=12"}) {
    CHECK(training.train({steps, training.dir("parts")}) == Outcome::kComplete);
  }
  CHECK(train::read_step_log(training.folder.path() / "parts/quarantine.jsonl") == lines);
  CHECK(training.log("parts").back()["order_hash"] == training.log().back()["order_hash"]);
  CHECK(training.log("parts").back()["loss"] == training.log().back()["loss"]);

  train::Trace trace(training.run);
  CHECK(trace.order_hash() == trace.newest().order_hash);
  size_t stand_ins = 0;
  for (int64_t step = 1; step <= 12; ++step) {
    for (const auto& document : trace.step(step)) stand_ins += !document.stands_in.empty();
  }
  CHECK(stand_ins > 0);
}

TEST_CASE("damaged: two ranks name what one does, in the same steps", "[train][damaged]") {
  const TinyTraining training;
  damage_first_samples(training.shards, "a");
  CHECK(training.train({"train.steps=12"}) == Outcome::kComplete);
  setenv("REKA_TEST_CONFIG", training.config.c_str(), 1);
  setenv("REKA_TEST_RUN", training.dir("ranks").c_str(), 1);
  const auto self = fs::read_symlink("/proc/self/exe").string();
  REQUIRE(supervise({{self, "damaged: one rank of two"}, 2}) == 0);
  const auto one = train::read_step_log(training.run / "quarantine.jsonl");
  const auto two = train::read_step_log(training.folder.path() / "ranks/quarantine.jsonl");
  REQUIRE_FALSE(one.empty());
  CHECK(names_of(one) == names_of(two));
  for (size_t i = 0; i < one.size(); ++i) CHECK(one[i]["step"] == two.at(i)["step"]);
  CHECK(training.log("ranks").back()["order_hash"] == training.log().back()["order_hash"]);
}

TEST_CASE("damaged: one rank of two", "[.]") {
  at::set_num_threads(1);
  const auto config = load_config<train::RunConfig>(
      std::getenv("REKA_TEST_CONFIG"), {std::getenv("REKA_TEST_RUN"), "train.steps=12"});
  CHECK(train::Trainer(config, read_launch()).run() == Outcome::kComplete);
}

TEST_CASE("damaged: more than data.max_quarantined end the run with its steps saved",
          "[train][damaged]") {
  const TinyTraining training;
  damage_first_samples(training.shards, "a");
  damage_first_samples(training.shards, "b");
  const auto message = message_of<DataError>([&] {
    training.train({"train.steps=40", "data.max_quarantined=2"});
  });
  CHECK_THAT(message, Contains("samples are damaged, one of them "));
  CHECK_THAT(message, Contains("expected at most 2 (data.max_quarantined)"));
  REQUIRE(training.saved().size() == 1);
  CHECK(training.log().back()["step"] == training.saved()[0]);
}

TEST_CASE("damaged: a limit that ends the data is told before the first step", "[train][damaged]") {
  const TinyTraining training;
  const auto message = message_of<DataError>([&] {
    training.train({"data.sources.a.repeat=1", "data.sources.b.repeat=1", "train.steps=1000"});
  });
  CHECK_THAT(message, Contains("stage train wants 4000 rows from step 0 on, its sources have "));
  CHECK(training.log().empty());
  CHECK(training.train({"data.sources.a.repeat=1", "train.steps=30"}) == Outcome::kComplete);
}
