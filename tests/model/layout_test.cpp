#include "reka/model/layout.h"

#include "reka/base/random.h"
#include "tests/model/rows.h"

namespace {

using namespace reka;
using namespace reka::testing;

}  // namespace

// The model refuses a row whose runs differ from what the encoders and the fusion make.
TEST_CASE("layout: is what encoders and fusion make, for many geometries", "[model][layout]") {
  const torch::NoGradGuard no_grad;
  uint64_t counter = 0;
  const auto below = [&](int64_t n) {
    return static_cast<int32_t>(uniform_below(mix64(7, counter++), static_cast<uint64_t>(n)));
  };
  for (const auto& fusion : small_fusions()) {
    for (const int64_t pooling : {1, 2}) {
      auto config = small_model(fusion);
      config.input.video.temporal_pooling = pooling;
      auto model = make_model(config);
      std::vector<std::vector<Piece>> documents;
      for (int i = 0; i < 25; ++i) {
        documents.push_back({text(1 + below(3)), picture(1 + below(90), 1 + below(90)),
                             clip(1 + below(12), static_cast<float>(below(400)) / 100),
                             sound(static_cast<float>(below(300)) / 100), text(1)});
      }
      const auto row = make_row(config, documents);
      CHECK(model->forward(row).isfinite().all().item<bool>());
    }
  }
}

TEST_CASE("layout: of each medium and fusion", "[model][layout]") {
  auto config =
      small_model(ResamplerConfig{.num_queries = 5, .audio_queries = 2, .audio_seconds = 0.5});
  const auto tokens = [&](const Piece& piece) {
    return media_layout(config, piece.modality, piece.geometry).soft_tokens();
  };
  CHECK(tokens(picture(16, 16)) == 5);
  CHECK(tokens(picture(64, 16)) == 5 * 5);  // 4 tiles and the whole
  CHECK(tokens(sound(0.2F)) == 2);
  CHECK(tokens(sound(1.2F)) == 6);
  const auto video = media_layout(config, Modality::kVideo, clip(30, 8).geometry);
  CHECK(video.runs == 4);
  CHECK(video.tokens_per_run == 5);
  CHECK(video.times == std::vector<float>{1, 3, 5, 7});
  config.input.video.timestamps = false;
  CHECK(media_layout(config, Modality::kVideo, clip(30, 8).geometry).times.empty());
  config.fusion = GatedCrossAttentionConfig{};
  CHECK(tokens(picture(64, 16)) == 1);
  CHECK(tokens(sound(9)) == 1);
  CHECK(tokens(clip(30, 8)) == 4);
}

TEST_CASE("layout: there is no room for sound that is too long", "[model][layout]") {
  auto config = small_model(ResamplerConfig{});
  config.input.audio.max_seconds = 2;
  CHECK_NOTHROW(media_layout(config, Modality::kAudio, {.seconds = 2}));
  CHECK_THROWS_WITH(media_layout(config, Modality::kAudio, {.seconds = 2.5}),
                    "audio: is 2.5 s long: must be at most 2 s (model.input.audio.max_seconds)");
}

TEST_CASE("layout: the rule changes with all that changes a layout", "[model][layout]") {
  const auto config = small_model(ResamplerConfig{});
  std::set<std::string> rules{layout_rule(config)};
  const auto changed = [&](auto change) {
    auto other = config;
    change(other);
    return rules.insert(layout_rule(other)).second;
  };
  CHECK(changed([](auto& c) { c.fusion = ResamplerConfig{.num_queries = 17}; }));
  CHECK(changed([](auto& c) { c.fusion = ResamplerConfig{.audio_queries = 9}; }));
  CHECK(changed([](auto& c) { c.fusion = ResamplerConfig{.audio_seconds = 0.7}; }));
  CHECK(changed([](auto& c) { c.fusion = GatedCrossAttentionConfig{}; }));
  CHECK(changed([](auto& c) { c.input.image.max_tiles = 9; }));
  CHECK(changed([](auto& c) { c.input.image.tile_size = 32; }));
  CHECK(changed([](auto& c) { c.input.video.num_frames = 2; }));
  CHECK(changed([](auto& c) { c.input.video.temporal_pooling = 2; }));
  CHECK(changed([](auto& c) { c.input.video.timestamps = false; }));
  CHECK(changed([](auto& c) { c.input.audio.max_seconds = 5; }));
  CHECK(changed([](auto& c) { c.audio.reset(); }));
  CHECK_FALSE(changed([](auto& c) { c.decoder.dim = 64; }));
}
