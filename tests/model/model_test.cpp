#include "reka/model/model.h"

#include <limits>

#include "reka/base/error.h"
#include "reka/base/reader.h"
#include "reka/ops/cross_entropy.h"
#include "tests/model/rows.h"
#include "tests/support/live_bytes.h"
#include "tests/support/message.h"

namespace {

using namespace reka;
using namespace reka::testing;

std::vector<std::vector<Piece>> all_media() {
  return {{text(3), picture(40, 20), text(4), picture(16, 16), text(2)},
          {text(6)},
          {sound(0.55F), text(3), clip(3, 1.5F), text(5)},
          {picture(10, 10), clip(9, 2), text(1), sound(0.02F)}};
}

void fill(torch::nn::Module& model, const std::string& part, double value) {
  const torch::NoGradGuard no_grad;
  for (auto& item : model.named_parameters()) {
    if (item.key().rfind(part, 0) == 0) item.value().fill_(value);
  }
}

}  // namespace

TEST_CASE("model: packed documents give what each gives alone", "[model]") {
  const torch::NoGradGuard no_grad;
  for (const auto& fusion : small_fusions()) {
    const auto config = small_model(fusion);
    auto model = make_model(config);
    const auto row = make_row(config, all_media());
    const auto together = model->forward(row);
    REQUIRE(together.sizes() == at::IntArrayRef({row.sequence.tokens(), 32}));
    for (int64_t d = 0; d < row.sequence.documents(); ++d) {
      check_close(together.slice(0, row.sequence.starts[d], row.sequence.starts[d + 1]),
                  model->forward(alone(row, d)), 1e-4);
    }
  }
}

TEST_CASE("model: each parameter that a batch uses gets a gradient", "[model]") {
  for (const auto& fusion : small_fusions()) {
    const auto config = small_model(fusion);
    auto model = make_model(config);
    const auto row = make_row(config, all_media());
    const auto T = row.sequence.tokens();
    const auto loss = ops::linear_cross_entropy(model->forward(row), model->head_weight(),
                                                row.tokens.roll(-1), torch::ones(T))
                          .sum;
    loss.backward();
    for (const auto& item : model->named_parameters()) {
      INFO(item.key());
      REQUIRE(item.value().grad().defined());
      CHECK(item.value().grad().abs().sum().item<double>() > 0);
    }
  }
}

TEST_CASE("model: an item changes its own place and what follows, nothing before", "[model]") {
  const torch::NoGradGuard no_grad;
  for (const auto& fusion : small_fusions()) {
    const auto config = small_model(fusion);
    auto model = make_model(config);
    const auto row = make_row(config, {{text(2), sound(0.3F), picture(40, 20), clip(4, 1), text(2),
                                        picture(16, 16), text(3)}});
    const auto before = model->forward(row);
    for (size_t i = 0; i < row.media.size(); ++i) {
      auto changed = row;
      changed.media[i].values = torch::randn_like(row.media[i].values);
      const auto differs = (model->forward(changed) - before).abs().amax(1).gt(0).nonzero();
      CHECK(differs[0].item<int64_t>() == row.media[i].runs.front().begin);
    }
  }
}

TEST_CASE("model: text runs no encoder", "[model]") {
  const torch::NoGradGuard no_grad;
  for (const auto& fusion : small_fusions()) {
    const auto config = small_model(fusion);
    auto model = make_model(config);
    const auto nan = std::numeric_limits<double>::quiet_NaN();
    for (const auto* part : {"image.", "video.", "audio.", "fusion."}) fill(*model, part, nan);
    CHECK(model->forward(make_row(config, {{text(9)}, {text(4)}})).isfinite().all().item<bool>());
    // Pictures alone need no sound encoder.
    auto seeing = make_model(config);
    for (const auto* part : {"video.", "audio.", "fusion.audio"}) fill(*seeing, part, nan);
    const auto row = make_row(config, {{picture(16, 16), text(4)}});
    CHECK(seeing->forward(row).isfinite().all().item<bool>());
  }
}

TEST_CASE("model: passes with a memory equal one full pass", "[model]") {
  const torch::NoGradGuard no_grad;
  for (const auto& fusion : small_fusions()) {
    const auto config = small_model(fusion);
    auto model = make_model(config);
    const auto row = make_row(config, {{text(4), picture(20, 16), text(3), sound(0.4F), text(2),
                                        picture(9, 9), text(1)}});
    const auto full = model->forward(row);
    auto memory = model->make_memory(row.sequence.tokens());
    std::vector<at::Tensor> parts;
    std::vector<int64_t> cuts{0, 3};
    for (const auto& item : row.media) cuts.push_back(item.runs[0].begin + item.runs[0].length);
    cuts.push_back(row.sequence.tokens());
    for (size_t i = 0; i + 1 < cuts.size(); ++i) {
      const auto length = cuts[i + 1] - cuts[i];
      Input piece{.tokens = row.tokens.narrow(0, cuts[i], length),
                  .sequence = {.positions = row.sequence.positions.narrow(0, cuts[i], length),
                               .starts = {0, length},
                               .prefix_lengths = {0}}};
      for (auto item : row.media) {
        if (item.runs[0].begin < cuts[i] || item.runs[0].begin >= cuts[i + 1]) continue;
        item.runs[0].begin -= cuts[i];
        piece.media.push_back(item);
      }
      parts.push_back(model->forward(piece, &memory));
    }
    check_close(torch::cat(parts), full, 1e-4);
  }
}

TEST_CASE("model: a medium without a section is refused", "[model]") {
  const auto whole = small_model(ResamplerConfig{});
  auto config = whole;
  config.audio.reset();
  Model model(config, 50);
  CHECK_THROWS_AS(model->forward(make_row(whole, {{sound(1)}})), ConfigError);
  CHECK_THROWS_WITH(media_layout(config, Modality::kAudio, {.seconds = 1}),
                    "model.audio: is not given: the model takes no audio");
}

TEST_CASE("model: a row whose places do not fit its media is refused", "[model]") {
  const auto config = small_model(PoolMlpConfig{.grid = 2});
  Model model(config, 50);
  auto row = make_row(config, {{text(2), picture(16, 16), text(3)}});
  row.media[0].runs[0].length = 3;
  CHECK_THROWS_WITH(model->forward(row), Catch::Contains("makes 4 tokens in a run, the row has 3"));
}

TEST_CASE("model: the whole model works in bf16 and keeps norms and gates in fp32", "[model]") {
  for (const auto& fusion : small_fusions()) {
    const auto config = small_model(fusion);
    auto model = make_model(config);
    const auto row = make_row(config, all_media());
    const auto exact = model->forward(row).detach();
    to_precision(*model, at::kBFloat16);
    for (const auto& item : model->named_parameters()) {
      const auto fp32 = item.key().find("norm") != std::string::npos ||
                        item.key().find("gate.weight") != std::string::npos;
      CHECK(item.value().scalar_type() == (fp32 ? at::kFloat : at::kBFloat16));
    }
    const auto rounded = model->forward(row);
    CHECK(rounded.scalar_type() == at::kBFloat16);
    CHECK((rounded - exact).abs().mean().item<double>() < 0.05);
    rounded.sum().backward();
  }
}

TEST_CASE("model: recomputed layers give the same gradients and keep less", "[model]") {
  struct Pass {
    int64_t kept_bytes = 0;
    std::vector<at::Tensor> gradients;
  };
  for (const auto& fusion : small_fusions()) {
    const auto pass = [&](bool recompute) {
      auto config = small_model(fusion);
      config.decoder.recompute = recompute;
      auto model = make_model(config);
      torch::manual_seed(4);
      const auto row = make_row(config, all_media());
      Pass result;
      const LiveBytes live;
      const auto loss = model->forward(row).square().sum();
      result.kept_bytes = live.now();
      loss.backward();
      for (const auto& item : model->named_parameters()) {
        if (item.value().grad().defined()) result.gradients.push_back(item.value().grad().clone());
      }
      return result;
    };
    const auto kept = pass(false);
    const auto again = pass(true);
    REQUIRE(kept.gradients.size() == again.gradients.size());
    for (size_t i = 0; i < kept.gradients.size(); ++i) {
      CHECK(torch::equal(kept.gradients[i], again.gradients[i]));
    }
    CHECK(again.kept_bytes * 2 < kept.kept_bytes);
  }
}

TEST_CASE("model: parts are counted", "[model]") {
  const auto config = small_model(PoolMlpConfig{});
  Model model(config, 50);
  int64_t sum = 0;
  std::vector<std::string> names;
  for (const auto& [name, count] : parameters_by_part(*model)) {
    names.push_back(name);
    sum += count;
  }
  CHECK(names == std::vector<std::string>{"decoder", "image", "video", "audio", "fusion"});
  CHECK(sum == count_parameters(*model));
}

TEST_CASE("model config: rules across sections name their keys", "[model]") {
  const auto message = [](const std::string& yaml) -> std::string {
    try {
      load_config_text<ModelConfig>(yaml, "m.yaml");
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "";
  };
  CHECK_THAT(message("video: {}"), Catch::Contains("video") && Catch::Contains("model.image"));
  CHECK_THAT(message("image: {patch: 7}"), Catch::Contains("tile_size"));
  CHECK_THAT(message("fusion: {type: gated_cross_attention, layers: [1, 1]}"),
             Catch::Contains("each once"));
  CHECK(message("image: {}\nvideo: {}\naudio: {}\nfusion: {type: pool_mlp}").empty());
}

TEST_CASE("model: sizes beyond any real model are refused", "[model]") {
  const auto message = [](const std::string& key) {
    return message_of<ConfigError>([&] {
      load_config_text<ModelConfig>("{image: {}, audio: {}}", "m.yaml", {key + "=1000000000"});
    });
  };
  for (const std::string key : {"decoder.dim",
                                "decoder.hidden",
                                "decoder.num_layers",
                                "decoder.num_heads",
                                "decoder.num_kv_heads",
                                "decoder.head_dim",
                                "decoder.vocab_multiple",
                                "image.patch",
                                "image.width",
                                "image.num_layers",
                                "image.num_heads",
                                "image.hidden",
                                "audio.width",
                                "fusion.num_queries",
                                "fusion.audio_queries",
                                "fusion.width",
                                "fusion.num_layers",
                                "input.image.tile_size",
                                "input.image.max_tiles",
                                "input.video.num_frames",
                                "input.audio.mels",
                                "input.audio.max_seconds"}) {
    CAPTURE(key);
    CHECK_THAT(message(key), Catch::StartsWith("command line: " + key + " = 1000000000: must be "));
  }
}

TEST_CASE("model: the bytes of the largest sizes are an int64", "[model]") {
  const auto config =
      load_config_text<ModelConfig>(
          "", "m.yaml",
          {"decoder.dim=262144", "decoder.hidden=1048576", "decoder.num_layers=4096",
           "decoder.num_heads=4096", "decoder.num_kv_heads=4096", "decoder.head_dim=4096",
           "decoder.vocab_multiple=1048576"})
          .config.decoder;
  const auto attention = 4 * 4096.0 * 4096 * 262144;
  const auto feed_forward = 3 * 262144.0 * 1048576;
  const auto parameters = 4096 * (attention + feed_forward) + 2 * 2097152.0 * 262144;
  CHECK(static_cast<double>(config.parameters(2'000'000)) == Approx(parameters).epsilon(1e-6));
  const auto with_gated_layers = 2 * parameters;
  CHECK(16 * with_gated_layers < static_cast<double>(std::numeric_limits<int64_t>::max()));
}
