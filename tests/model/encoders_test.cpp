#include <ATen/ops/conv1d.h>
#include <ATen/ops/conv2d.h>

#include "reka/encoders/audio.h"
#include "reka/encoders/video.h"
#include "reka/encoders/vit.h"
#include "tests/support/live_bytes.h"
#include "tests/support/testing.h"

namespace {

using namespace reka;
using reka::testing::check_close;

const TransformerConfig kSmall{
    .width = 24, .num_layers = 2, .num_heads = 2, .hidden = 32, .init_std = 0.2};

Vit make_vit(const std::string& positions = "sin_cos") {
  torch::manual_seed(2);
  VitConfig config{.transformer = kSmall, .patch = 4};
  config.positions.value = positions;
  return Vit(config, 16);
}

Whisper make_whisper() {
  torch::manual_seed(3);
  return Whisper(WhisperConfig{.transformer = kSmall}, 8);
}

template <typename Part>
std::shared_ptr<Part> child(const torch::nn::Module& module, const std::string& name) {
  return std::dynamic_pointer_cast<Part>(module.named_children()[name]);
}

}  // namespace

TEST_CASE("runs of grids: equal neighbours together, others apart", "[encoders]") {
  const Grid wide{.rows = 1, .columns = 4}, tall{.rows = 4, .columns = 1};
  const auto runs = runs_of_grids({wide, wide, tall, wide});
  REQUIRE(runs.size() == 3);
  CHECK((runs[0].grid == wide && runs[0].items == 2));
  CHECK((runs[1].grid == tall && runs[1].items == 1));
  CHECK((runs[2].grid == wide && runs[2].items == 1));
  CHECK(runs_of_grids({}).empty());
}

TEST_CASE("vit: patches, positions and blocks are those of the formula", "[encoders][vit]") {
  const torch::NoGradGuard no_grad;
  auto vit = make_vit();
  const auto picture = torch::randn({1, 3, 8, 12});
  const auto patch = child<LinearImpl>(*vit, "patch");
  auto x = at::conv2d(picture, patch->weight.view({24, 3, 4, 4}), patch->bias, 4);
  x = x.flatten(2).squeeze(0).t();  // [2 rows x 3 columns, width]
  const auto waves = sinusoid(3, 12, at::kCPU);
  std::vector<at::Tensor> positions;
  for (const auto row : {0, 1}) {
    for (const auto column : {0, 1, 2}) {
      positions.push_back(torch::cat({waves[row], waves[column]}));
    }
  }
  const auto want =
      child<TransformerImpl>(*vit, "transformer")->forward(x + torch::stack(positions), {0, 6});
  const auto got = vit->forward({picture});
  check_close(got.values, want);
  CHECK((got.grids == std::vector<Grid>{{.rows = 2, .columns = 3}}));
}

TEST_CASE("vit: tiles of several pictures in one call are those of each alone", "[encoders][vit]") {
  const torch::NoGradGuard no_grad;
  const std::string positions = GENERATE("sin_cos", "learned");
  auto vit = make_vit(positions);
  const auto one = torch::randn({2, 3, 16, 16});
  const auto other = torch::randn({1, 3, 8, 16});
  const auto together = vit->forward({one, other});
  CHECK(together.starts() == std::vector<int64_t>{0, 16, 32, 40});
  check_close(together.values.narrow(0, 0, 16), vit->forward({one.narrow(0, 0, 1)}).values);
  check_close(together.values.narrow(0, 16, 16), vit->forward({one.narrow(0, 1, 1)}).values);
  check_close(together.values.narrow(0, 32, 8), vit->forward({other}).values);
}

TEST_CASE("vit: a picture that it cannot cut is refused", "[encoders][vit]") {
  auto vit = make_vit("learned");
  CHECK_THROWS_WITH(vit->forward({torch::randn({1, 3, 16, 18})}),
                    Catch::Contains("sides divisible by 4"));
  CHECK_THROWS_WITH(vit->forward({torch::randn({1, 3, 20, 16})}),
                    Catch::Contains("learned positions go up to 4"));
}

TEST_CASE("whisper: the convolutions are those of the formula", "[encoders][audio]") {
  const torch::NoGradGuard no_grad;
  auto whisper = make_whisper();
  const auto frames = GENERATE(2, 7, 10);
  const auto mel = torch::randn({8, frames});
  const auto convolve = [&](const std::string& name, const at::Tensor& x, int64_t stride) {
    const auto part = child<LinearImpl>(*whisper, name);
    const auto weight = part->weight.view({24, 3, x.size(1)}).transpose(1, 2);
    return at::gelu(at::conv1d(x, weight, part->bias, stride, 1));
  };
  const auto x = convolve("conv2", convolve("conv1", mel.unsqueeze(0), 1), 2).squeeze(0).t();
  const auto positions = (frames + 1) / 2;
  const auto want = child<TransformerImpl>(*whisper, "transformer")
                        ->forward(x + sinusoid(positions, 24, at::kCPU), {0, positions});
  const auto got = whisper->forward({mel});
  check_close(got.values, want);
  CHECK((got.grids == std::vector<Grid>{{.rows = 1, .columns = positions}}));
}

TEST_CASE("whisper: clips in one call are those of each alone", "[encoders][audio]") {
  const torch::NoGradGuard no_grad;
  auto whisper = make_whisper();
  const std::vector<at::Tensor> clips = {torch::randn({8, 9}), torch::randn({8, 2}),
                                         torch::randn({8, 30})};
  const auto together = whisper->forward(clips);
  const auto starts = together.starts();
  for (size_t i = 0; i < clips.size(); ++i) {
    check_close(together.values.slice(0, starts[i], starts[i + 1]),
                whisper->forward({clips[i]}).values);
  }
}

TEST_CASE("video: frames get their place, groups are averaged", "[encoders][video]") {
  const torch::NoGradGuard no_grad;
  const std::string positions = GENERATE("learned", "sin_cos");
  VideoConfig config;
  config.positions.value = positions;
  Video video(config, VideoImpl::Shape{.width = 8, .max_frames = 6, .pooling = 2});
  const Grid grid{.rows = 1, .columns = 3};
  const auto frames = torch::randn({10, 3, 8});
  const Features features{.values = frames.flatten(0, 1), .grids = std::vector<Grid>(10, grid)};
  const auto pooled = video->forward(features, {6, 4});
  const auto table =
      positions == "learned" ? video->parameters()[0] : sinusoid(6, 8, at::kCPU);  // [6, 8]
  CHECK(pooled.items() == 5);
  const auto want = [&](int64_t first, int64_t place) {
    return (frames[first] + table[place] + frames[first + 1] + table[place + 1]) / 2;
  };
  check_close(pooled.values.view({5, 3, 8}),
              torch::stack({want(0, 0), want(2, 2), want(4, 4), want(6, 0), want(8, 2)}));
  CHECK_THROWS_WITH(video->forward(features, {7, 3}), Catch::Contains("the model takes 6"));
}

TEST_CASE("encoders: recomputed blocks keep less, frozen ones nothing at all", "[encoders]") {
  const auto kept_bytes = [](Vit vit) {
    const auto picture = torch::randn({4, 3, 16, 16});
    const testing::LiveBytes live;
    const auto encoded = vit->forward({picture});
    return std::pair(live.now(), encoded.values.requires_grad());
  };
  const VitConfig config{.transformer = kSmall, .patch = 4};
  const auto [all, trains] = kept_bytes(Vit(config, 16));
  const auto [inputs, trains_too] = kept_bytes(Vit(config, 16, /*recompute=*/true));
  CHECK(trains);
  CHECK(trains_too);
  CHECK(inputs * 3 < all);
  Vit frozen(config, 16, /*recompute=*/true);
  for (auto& parameter : frozen->parameters()) parameter.set_requires_grad(false);
  CHECK_FALSE(kept_bytes(frozen).second);
}
