#include "reka/fusion/fusion.h"

#include <ATen/ops/adaptive_avg_pool2d.h>

#include "tests/model/rows.h"

namespace {

using namespace reka;
using namespace reka::testing;

Features items(const std::vector<Grid>& grids, int64_t width) {
  Features features{.grids = grids};
  features.values = torch::randn({features.starts().back(), width});
  return features;
}

Features item(const Features& features, int64_t index) {
  const auto starts = features.starts();
  return {.values = features.values.slice(0, starts[index], starts[index + 1]),
          .grids = {features.grids[index]}};
}

}  // namespace

TEST_CASE("pooling_matrix: is adaptive average pooling", "[fusion][pool_mlp]") {
  const Grid from{.rows = GENERATE(1, 3, 7, 8), .columns = GENERATE(2, 5, 9)};
  const Grid to{.rows = GENERATE(1, 2, 4), .columns = 3};
  const auto x = torch::randn({1, 1, from.rows, from.columns});
  check_close(at::mv(pooling_matrix(from, to), x.flatten()),
              at::adaptive_avg_pool2d(x, {to.rows, to.columns}).flatten());
}

TEST_CASE("soft tokens: each item gives the same alone, whatever its size", "[fusion]") {
  const torch::NoGradGuard no_grad;
  torch::manual_seed(5);
  const SoftTokensShape shape{.width = 24, .dim = 32, .tokens = {.rows = 2, .columns = 3}};
  const auto features = items({{4, 4}, {4, 4}, {1, 9}, {2, 3}, {4, 4}}, 24);
  const auto check = [&](SoftTokens& part) {
    const auto together = part.forward(features);
    REQUIRE(together.sizes() == at::IntArrayRef({5 * 6, 32}));
    for (int64_t i = 0; i < 5; ++i) {
      check_close(together.narrow(0, i * 6, 6), part.forward(item(features, i)));
    }
    CHECK_FALSE(torch::allclose(together.narrow(0, 0, 6), together.narrow(0, 6, 6)));
  };
  check(*ResamplerConfig{.width = 24, .num_heads = 2, .hidden = 32, .init_std = 0.2}.build(shape));
  check(*PoolMlpConfig{.init_std = 0.2}.build(shape));
}

TEST_CASE("squarest_grid: has all cells and the fewest more columns than rows", "[fusion]") {
  const auto grid = [](int64_t cells) { return squarest_grid(cells); };
  CHECK(grid(1) == Grid{.rows = 1, .columns = 1});
  CHECK(grid(4) == Grid{.rows = 2, .columns = 2});
  CHECK(grid(12) == Grid{.rows = 3, .columns = 4});
  CHECK(grid(13) == Grid{.rows = 1, .columns = 13});
}

TEST_CASE("resampler: places are alike where they are near", "[fusion][resampler]") {
  const auto waves = place_waves({.rows = 3, .columns = 8}, 64, at::kCPU);
  REQUIRE(waves.sizes() == at::IntArrayRef({24, 64}));
  const auto alike = at::matmul(waves, waves.t()) / 32;  // 1 where the places are equal
  CHECK(alike.diagonal().allclose(at::ones({24})));
  const auto first = alike[0];
  CHECK(first[1].item<double>() > first[3].item<double>() + 0.1);  // columns 1 and 3
  CHECK(first[8].item<double>() > first[16].item<double>());       // rows 1 and 2
  CHECK(first.narrow(0, 1, 23).max().item<double>() < 0.9);
}

TEST_CASE("resampler: new queries look at their own place first", "[fusion][resampler]") {
  const torch::NoGradGuard no_grad;
  torch::manual_seed(6);
  const SoftTokensShape shape{.width = 32, .dim = 16, .tokens = {.rows = 2, .columns = 2}};
  const ResamplerConfig config{
      .width = 64, .num_layers = 1, .num_heads = 2, .hidden = 32, .init_std = 0.1};
  auto moved = at::zeros({4, 4});  // [corner that changes, query]
  for (int draw = 0; draw < 20; ++draw) {
    const auto part = config.build(shape);
    const auto features = items(std::vector<Grid>(20, {.rows = 4, .columns = 4}), 32);
    const auto before = part->forward(features);
    for (const auto& [corner, position] : {std::pair{0, 0}, {1, 3}, {2, 12}, {3, 15}}) {
      auto changed = features;
      changed.values = features.values.clone();
      changed.values.view({20, 16, 32}).select(1, position).copy_(torch::randn({20, 32}));
      moved[corner] += (part->forward(changed) - before).view({20, 4, 16}).norm(2, 2).mean(0);
    }
  }
  CHECK(at::equal(moved.argmax(1), at::arange(4)));
  const auto other = (moved.sum() - moved.trace()) / 12;
  CHECK(moved.trace().item<double>() / 4 > 1.2 * other.item<double>());
}

TEST_CASE("split_windows: windows share out a clip, none is empty", "[fusion]") {
  const auto clips = items({{1, 7}, {1, 2}, {1, 5}}, 4);
  const auto split = split_windows(clips, {3, 4, 1});
  std::vector<int64_t> lengths;
  for (const auto& grid : split.grids) lengths.push_back(grid.columns);
  CHECK(lengths == std::vector<int64_t>{2, 2, 3, 1, 1, 1, 1, 5});
  check_close(split.values.narrow(0, 0, 7), clips.values.narrow(0, 0, 7));
  check_close(split.values.narrow(0, 11, 5), clips.values.narrow(0, 9, 5));
}

TEST_CASE("token counts: a sound of n windows does not become n + 1", "[fusion]") {
  const auto counts = token_counts(ResamplerConfig{.audio_seconds = 0.1});
  CHECK(counts.windows(0) == 1);
  CHECK(counts.windows(0.1F) == 1);
  CHECK(counts.windows(0.3F) == 3);
  CHECK(counts.windows(0.31F) == 4);
}

TEST_CASE("cross_layout: a token sees the media of its document that began before it",
          "[fusion][gated_cross_attention]") {
  // Documents of 5, 3 and 4 tokens; the first has media at 1 and 3, the last one at 8.
  const Sequence sequence{.starts = {0, 5, 8, 12}, .prefix_lengths = {0, 0, 0}};
  const auto cross = cross_layout({{.token = 8, .begin = 0, .end = 2},
                                   {.token = 1, .begin = 2, .end = 5},
                                   {.token = 3, .begin = 5, .end = 6}},
                                  sequence, 0);
  CHECK(cross.tokens == std::vector<int64_t>{1, 2, 3, 4, 8, 9, 10, 11});
  CHECK(cross.keys == std::vector<int64_t>{2, 3, 4, 2, 3, 4, 5, 0, 1});
  CHECK(cross.layout.q_starts == std::vector<int64_t>{0, 2, 4, 8});
  CHECK(cross.layout.kv_starts == std::vector<int64_t>{0, 3, 7, 9});
  CHECK(cross.layout.prefixes == std::vector<int64_t>{3, 4, 2});
}

TEST_CASE("cross_layout: every token sees what was remembered", "[fusion][gated_cross_attention]") {
  const Sequence sequence{.starts = {0, 3}, .prefix_lengths = {0}};
  const auto cross = cross_layout({{.token = 2, .begin = 0, .end = 1}}, sequence, 2);
  CHECK(cross.tokens == std::vector<int64_t>{0, 1, 2});
  CHECK(cross.keys == std::vector<int64_t>{0, 1, 0, 1, 2});
  CHECK(cross_layout({}, sequence, 0).tokens.empty());
}

TEST_CASE("gated cross-attention: with new gates the model is the text model exactly",
          "[fusion][gated_cross_attention]") {
  const torch::NoGradGuard no_grad;
  const auto precision = GENERATE(at::kFloat, at::kBFloat16);
  const auto config = small_model(GatedCrossAttentionConfig{.layers = {1, 2}});
  auto model = make_model(config, /*gate=*/0);
  to_precision(*model, precision);
  auto row =
      make_row(config, {{text(3), picture(40, 20), text(5)}, {text(4)}, {sound(1), text(2)}});
  const auto with_media = model->forward(row);
  row.media.clear();
  CHECK(torch::equal(with_media, model->forward(row)));
}

TEST_CASE("gated cross-attention: text sees only earlier media of its own document",
          "[fusion][gated_cross_attention]") {
  const torch::NoGradGuard no_grad;
  const auto config = small_model(GatedCrossAttentionConfig{.layers = {1, 2}, .init_std = 0.2});
  auto model = make_model(config);
  auto row = make_row(
      config, {{text(2), picture(16, 16), text(3)}, {text(4)}, {text(3), sound(0.5), text(2)}});
  const auto changes_of = [&](size_t media) {
    auto changed = row;
    changed.media[media].values = torch::randn_like(row.media[media].values);
    const auto differs =
        (model->forward(row) - model->forward(changed)).abs().amax(1).gt(0).nonzero().flatten();
    return std::vector<int64_t>(differs.data_ptr<int64_t>(),
                                differs.data_ptr<int64_t>() + differs.numel());
  };
  CHECK(changes_of(0) == std::vector<int64_t>{2, 3, 4, 5});
  CHECK(changes_of(1) == std::vector<int64_t>{13, 14, 15});
}
