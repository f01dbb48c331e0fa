#include "train/dry_run.h"

#include <filesystem>

#include "reka/base/error.h"
#include "tests/model/rows.h"
#include "tests/support/temp_folder.h"
#include "train/generated.h"

using namespace reka;
using namespace reka::testing;

namespace {

/// A run of a small model whose folders do not exist.
train::RunConfig small_run(const std::filesystem::path& folder, FusionConfig fusion) {
  train::RunConfig config;
  config.run.dir = folder / "run";
  config.device.value = "cpu";
  config.precision.value = "fp32";
  config.model = small_model(std::move(fusion));
  config.init_from = folder / "absent";
  config.data.shards = folder / "shards";
  config.data.sequence_length = 128;
  config.batch = {.rows = 2, .micro_rows = 1};
  config.train.steps = 3;
  return config;
}

}  // namespace

TEST_CASE("dry run: needs no shards, tokenizer or weights, and leaves no folder",
          "[train][dry_run]") {
  for (const auto& fusion : small_fusions()) {
    const TempFolder folder;
    const auto found = train::dry_run({small_run(folder.path(), fusion), {}}, Launch());
    CHECK(std::filesystem::is_empty(folder.path()));
    CHECK(found.vocab_size == 8192);
    REQUIRE(found.notes.size() == 2);
    CHECK(found.notes[0].ends_with("absent: random weights instead"));
    CHECK(found.notes[1].ends_with("absent: a vocabulary of 8192 instead"));
    CHECK(found.modalities.size() == 3);
    CHECK(found.loss == Approx(std::log(8192)).epsilon(0.2));
    CHECK(found.gradient_norm > 0);
  }
}

TEST_CASE("dry run: sizes follow from the parameters", "[train][dry_run]") {
  const TempFolder folder;
  auto config = small_run(folder.path(), small_fusions()[0]);
  config.train.freeze = {"image."};
  const auto found = train::dry_run({config, {}}, Launch());
  int64_t all = 0, frozen = 0;
  for (const auto& [part, count] : found.parameters) {
    all += count;
    if (part == "image") frozen = count;
  }
  CHECK(found.trained_parameters == all - frozen);
  const auto padded = [](int64_t bytes) { return Approx(double(bytes)).epsilon(0.02); };
  CHECK(double(found.weight_bytes) == padded(4 * all));
  CHECK(double(found.gradient_bytes) == padded(4 * found.trained_parameters));
  CHECK(double(found.optimizer_bytes) == padded(8 * found.trained_parameters));
  CHECK(double(found.checkpoint_bytes) == padded(4 * all + 8 * found.trained_parameters));
  CHECK(found.peak_bytes > found.weight_bytes);
  const auto text = train::to_text(found);
  CHECK(text.find("3 steps of 256 tokens (2 rows of 128, 1 at a time)") != std::string::npos);
}

TEST_CASE("dry run: a frozen decoder meets rows of text alone", "[train][dry_run]") {
  const TempFolder folder;
  auto config = small_run(folder.path(), small_fusions()[0]);
  config.train.freeze = {"decoder."};
  const auto found = train::dry_run({config, {}}, Launch());
  CHECK(found.gradient_norm > 0);
}

TEST_CASE("dry run: a run that has not saved yet is an absent one", "[train][dry_run]") {
  const TempFolder folder;
  folder.write("absent/config.yaml", "run: {}");
  folder.write("absent/checkpoints/.step-1.tmp-1-0/state.json", "{}");
  const auto found = train::dry_run({small_run(folder.path(), small_fusions()[0]), {}}, Launch());
  REQUIRE(found.notes.size() == 2);
  CHECK(found.notes[0].ends_with("absent: random weights instead"));
}

TEST_CASE("generated rows: each is full and begins with another medium", "[train][dry_run]") {
  const auto config = small_model(small_fusions()[0]);
  const auto batch =
      train::generated_batch(config, {.rows = 3, .row_tokens = 64, .vocab_size = 100});
  CHECK(batch.input.tokens.numel() == 3 * 64);
  CHECK(batch.padding == 0);
  CHECK(batch.input.tokens.max().item<int64_t>() < 100);
  std::vector<Modality> first(3, Modality::kText);
  for (const auto& item : batch.input.media) {
    auto& modality = first[static_cast<size_t>(item.runs.front().begin / 64)];
    if (modality == Modality::kText) modality = item.modality;
  }
  CHECK((first == std::vector{Modality::kImage, Modality::kVideo, Modality::kAudio}));
  CHECK_THROWS_WITH(
      train::generated_batch(config, {.rows = 1, .row_tokens = 16, .vocab_size = 100}),
      Catch::Matchers::StartsWith("data.sequence_length = 16: a generated image has "));
}
