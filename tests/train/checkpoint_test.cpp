#include "reka/weights/checkpoint.h"

#include "reka/base/error.h"
#include "tests/support/file_limit.h"
#include "tests/support/message.h"
#include "tests/support/temp_folder.h"
#include "tests/train/tiny.h"
#include "train/checkpoint/reader.h"
#include "train/checkpoint/writer.h"

using namespace reka;
using namespace reka::testing;
using train::CheckpointWriter;
using train::TrainState;

namespace {

TrainState state_at(int64_t step) {
  TrainState state = {.step = step, .tokens = 100 * step, .updates = step, .skipped = 1};
  state.order_hash = 0xfedcba9876543210;
  state.loader.rows = 8 * step;
  return state;
}

std::vector<int64_t> steps_in(const std::filesystem::path& folder) {
  std::vector<int64_t> steps;
  for (const auto& place : list_checkpoints(folder)) steps.push_back(place.step);
  return steps;
}

}  // namespace

TEST_CASE("checkpoint: a resumed run equals the straight one bit for bit", "[train][checkpoint]") {
  for (const auto precision : {at::kFloat, at::kBFloat16}) {
    const TempFolder folder;
    TinyRun straight({.precision = precision});
    for (int64_t number = 0; number < 3; ++number) straight.step(number);
    CheckpointWriter writer({.folder = folder.path(), .shard_bytes = 5000});
    CHECK_FALSE(writer.save(state_at(3), straight.parameters, {}));
    for (int64_t number = 3; number < 6; ++number) straight.step(number);  // while it is written
    writer.finish();

    TinyRun resumed({.precision = precision});
    const auto place = last_good_checkpoint(folder.path(), CheckpointUse::kTraining);
    REQUIRE(place);
    const auto state = train::load_checkpoint(place->path, resumed.parameters, {});
    CHECK(state.to_json() == state_at(3).to_json());
    resumed.optimizer.set_updates(state.updates);
    for (int64_t number = 3; number < 6; ++number) resumed.step(number);
    CHECK(weight_difference(straight, resumed) == 0);
    for (size_t i = 0; i < resumed.parameters.groups().size(); ++i) {
      CHECK(torch::equal(straight.parameters.groups()[i].second_moment,
                         resumed.parameters.groups()[i].second_moment));
    }
    for (const auto& entry : straight.decoder->named_parameters()) {
      CHECK(torch::equal(entry.value(), resumed.decoder->named_parameters()[entry.key()]));
    }
  }
}

TEST_CASE("checkpoint: the last K and every Nth are kept", "[train][checkpoint]") {
  const TempFolder folder;
  const TinyRun run;
  CheckpointWriter writer({.folder = folder.path(), .keep = 2, .keep_every = 4});
  for (int64_t step = 1; step <= 11; ++step) writer.save(state_at(step), run.parameters, {});
  writer.finish();
  CHECK(steps_in(folder.path()) == std::vector<int64_t>{11, 10, 8, 4});
}

TEST_CASE("checkpoint: those that were refused do not count among the kept",
          "[train][checkpoint]") {
  const TempFolder folder;
  const TinyRun run;
  {
    CheckpointWriter writer({.folder = folder.path(), .keep = 9});
    for (int64_t step = 1; step <= 5; ++step) writer.save(state_at(step), run.parameters, {});
    writer.finish();
  }
  CheckpointWriter writer({.folder = folder.path(), .keep = 3, .resumed_step = 2});
  writer.save(state_at(6), run.parameters, {});  // 3, 4 and 5 are damaged
  writer.finish();
  CHECK(steps_in(folder.path()) == std::vector<int64_t>{6, 5, 4, 3, 2, 1});
  for (const int64_t step : {7, 8}) writer.save(state_at(step), run.parameters, {});
  writer.finish();
  CHECK(steps_in(folder.path()) == std::vector<int64_t>{8, 7, 6});
}

TEST_CASE("checkpoint: a full disk is told and takes nothing that was saved",
          "[train][checkpoint]") {
  const TempFolder folder;
  TinyRun run;
  CheckpointWriter writer({.folder = folder.path()});
  writer.save(state_at(1), run.parameters, {});
  writer.finish();
  std::optional<std::string> told;
  {
    const FileLimit limit(20'000);  // as a full disk: writes fail
    writer.save(state_at(2), run.parameters, {});
    told = writer.save(state_at(3), run.parameters, {});
    CHECK_THAT(message_of<CheckpointError>([&] { writer.finish(); }),
               Catch::Matchers::Contains("step-3"));
  }
  REQUIRE(told);
  CHECK(told->find('\n') == std::string::npos);
  CHECK(steps_in(folder.path()) == std::vector<int64_t>{1});
  CHECK(last_good_checkpoint(folder.path(), CheckpointUse::kTraining)->step == 1);
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    CHECK(entry.path().filename() == "step-1");  // nothing half-written is left
  }
  CHECK_FALSE(writer.save(state_at(4), run.parameters, {}));
  writer.finish();
  CHECK(last_good_checkpoint(folder.path(), CheckpointUse::kTraining)->step == 4);
}

TEST_CASE("checkpoint: another model is refused by the name of the tensor", "[train][checkpoint]") {
  const TempFolder folder;
  TinyRun run;
  CheckpointWriter writer({.folder = folder.path()});
  writer.save(state_at(1), run.parameters, {});
  writer.finish();
  Decoder wider(
      DecoderConfig{.dim = 32, .num_layers = 2, .num_heads = 4, .num_kv_heads = 2, .hidden = 64},
      kTinyVocab);
  std::vector<train::NamedParameter> named;
  for (const auto& entry : wider->named_parameters()) named.push_back({entry.key(), entry.value()});
  train::FlatParameters parameters(named);
  CHECK_THAT(message_of<CheckpointError>(
                 [&] { (void)train::load_checkpoint(folder.path() / "step-1", parameters, {}); }),
             Catch::Matchers::Matches(
                 ".*blocks.0.feed_forward.gate_up.weight: \\[96, 32\\]: must be \\[128, 32\\]"));
}

TEST_CASE("checkpoint: what a killed process left is removed", "[train][checkpoint]") {
  const TempFolder folder;
  folder.write(".step-9.tmp-123-0/model.safetensors", "half");
  folder.write("step-4/state.json", "{}");
  const CheckpointWriter writer({.folder = folder.path()});
  CHECK_FALSE(std::filesystem::exists(folder.path() / ".step-9.tmp-123-0"));
  CHECK(std::filesystem::exists(folder.path() / "step-4"));
}
