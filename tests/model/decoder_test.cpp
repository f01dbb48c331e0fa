#include "reka/model/decoder.h"

#include "reka/base/reader.h"
#include "reka/model/model.h"
#include "reka/ops/cross_entropy.h"
#include "tests/support/testing.h"

namespace {

using namespace reka;
using reka::testing::check_close;

constexpr int64_t kVocab = 50;

/// A file of configs/models.
struct Preset {
  ModelConfig model;
  void describe(auto& field) { field("model", model, "sizes"); }
};

DecoderConfig small_decoder() {
  DecoderConfig config;
  config.dim = 32;
  config.num_layers = 2;
  config.num_heads = 4;
  config.num_kv_heads = 2;
  config.hidden = 48;
  config.init_std = 0.2;
  return config;
}

Decoder make(const DecoderConfig& config, at::ScalarType precision = at::kFloat) {
  torch::manual_seed(1);
  Decoder decoder(config, kVocab);
  to_precision(*decoder, precision);
  return decoder;
}

/// Documents of these lengths, with a prefix each.
Sequence packed(const std::vector<int64_t>& lengths, const std::vector<int64_t>& prefixes = {}) {
  Sequence sequence{.starts = {0}, .prefix_lengths = prefixes};
  sequence.prefix_lengths.resize(lengths.size());
  std::vector<at::Tensor> positions;
  for (const auto length : lengths) {
    positions.push_back(torch::arange(length));
    sequence.starts.push_back(sequence.starts.back() + length);
  }
  sequence.positions = torch::cat(positions);
  return sequence;
}

at::Tensor random_tokens(int64_t count) {
  return torch::randint(kVocab, {count});
}

std::vector<at::Tensor> gradients(const Decoder& decoder, const at::Tensor& tokens,
                                  const Sequence& sequence) {
  auto model = decoder;
  model->zero_grad();
  const auto hidden = model->forward(model->embed(tokens), sequence);
  const auto targets = tokens.roll(-1);
  ops::linear_cross_entropy(hidden, model->head_weight(), targets, torch::ones(tokens.size(0)))
      .sum.backward();
  std::vector<at::Tensor> result;
  for (const auto& parameter : model->parameters()) result.push_back(parameter.grad().clone());
  return result;
}

}  // namespace

TEST_CASE("decoder: packed documents give what each gives alone", "[model][decoder]") {
  const auto precision = GENERATE(at::kFloat, at::kBFloat16);
  const torch::NoGradGuard no_grad;
  auto decoder = make(small_decoder(), precision);
  const auto tokens = random_tokens(38);
  const auto row = packed({7, 1, 30}, {0, 1, 11});
  const auto together = decoder->forward(decoder->embed(tokens), row);
  for (int64_t d = 0; d < 3; ++d) {
    const auto begin = row.starts[d];
    const auto length = row.starts[d + 1] - begin;
    const auto alone = packed({length}, {row.prefix_lengths[d]});
    const auto part = decoder->forward(decoder->embed(tokens.narrow(0, begin, length)), alone);
    check_close(together.narrow(0, begin, length), part, precision == at::kFloat ? 1e-5 : 2e-2);
  }
}

TEST_CASE("decoder: another document leaves a document's output bit for bit", "[model][decoder]") {
  const torch::NoGradGuard no_grad;
  auto decoder = make(small_decoder(), at::kBFloat16);
  const auto tokens = random_tokens(60);
  auto changed = tokens.clone();
  changed.narrow(0, 0, 25).copy_(random_tokens(25));
  const auto row = packed({25, 35});
  const auto before = decoder->forward(decoder->embed(tokens), row);
  const auto after = decoder->forward(decoder->embed(changed), row);
  CHECK(torch::equal(before.narrow(0, 25, 35), after.narrow(0, 25, 35)));
  CHECK_FALSE(torch::equal(before.narrow(0, 0, 25), after.narrow(0, 0, 25)));
}

TEST_CASE("decoder: a token sees its prefix but no later token", "[model][decoder]") {
  const torch::NoGradGuard no_grad;
  auto decoder = make(small_decoder());
  const auto tokens = random_tokens(12);
  auto changed = tokens.clone();
  changed[4] = (tokens[4] + 1) % kVocab;
  const auto first_difference = [&](int64_t prefix) {
    const auto row = packed({12}, {prefix});
    const auto a = decoder->forward(decoder->embed(tokens), row);
    const auto b = decoder->forward(decoder->embed(changed), row);
    return (a - b).abs().amax(1).gt(0).nonzero()[0].item<int64_t>();
  };
  CHECK(first_difference(0) == 4);
  CHECK(first_difference(4) == 4);
  CHECK(first_difference(5) == 0);
}

TEST_CASE("decoder: generation with a cache equals one full pass", "[model][decoder]") {
  const torch::NoGradGuard no_grad;
  auto decoder = make(small_decoder());
  const auto tokens = random_tokens(19);
  const auto full = decoder->forward(decoder->embed(tokens), packed({19}));
  auto cache = decoder->make_cache(19);
  std::vector<at::Tensor> parts;
  for (const int64_t count : {9, 1, 1, 5, 1, 2}) {
    const auto begin = cache.length();
    auto piece = packed({count});
    piece.positions += begin;
    parts.push_back(
        decoder->forward(decoder->embed(tokens.narrow(0, begin, count)), piece, &cache));
  }
  CHECK(cache.length() == 19);
  check_close(torch::cat(parts), full, 1e-5);
  CHECK_THROWS_WITH(decoder->forward(decoder->embed(tokens.narrow(0, 0, 1)), packed({1}), &cache),
                    Catch::Contains("must not exceed the capacity of 19"));
}

TEST_CASE("decoder: recomputed blocks give the same gradients bit for bit", "[model][decoder]") {
  const auto precision = GENERATE(at::kFloat, at::kBFloat16);
  const auto tokens = random_tokens(40);
  const auto row = packed({13, 27}, {0, 5});
  auto config = small_decoder();
  const auto kept = gradients(make(config, precision), tokens, row);
  config.recompute = true;
  const auto again = gradients(make(config, precision), tokens, row);
  REQUIRE(kept.size() == again.size());
  for (size_t i = 0; i < kept.size(); ++i) CHECK(torch::equal(kept[i], again[i]));
}

TEST_CASE("decoder: a layer between blocks sees each block's input", "[model][decoder]") {
  const torch::NoGradGuard no_grad;
  auto decoder = make(small_decoder());
  const auto embedded = decoder->embed(random_tokens(5));
  std::vector<int64_t> layers;
  const auto hidden =
      decoder->forward(embedded, packed({5}), nullptr, [&](int64_t layer, const at::Tensor& x) {
        layers.push_back(layer);
        if (layer == 0) CHECK(torch::equal(x, embedded));
        return layer == 1 ? x + 1 : x;
      });
  CHECK(layers == std::vector<int64_t>{0, 1});
  CHECK_FALSE(torch::equal(hidden, decoder->forward(embedded, packed({5}))));
}

TEST_CASE("decoder: parameters are counted without building them", "[model][decoder]") {
  auto config = small_decoder();
  CHECK(config.parameters(kVocab) == count_parameters(*make(config)));
  config.tied_head = true;
  config.head_dim = 10;
  CHECK(config.parameters(kVocab) == count_parameters(*make(config)));
}

TEST_CASE("decoder: presets have the published sizes", "[model][decoder]") {
  const auto preset = [](const std::string& name) {
    const auto file = std::string(REKA_SOURCE_DIR) + "/configs/models/" + name + ".yaml";
    return load_config<Preset>(file).config.model.decoder;
  };
  CHECK(preset("edge").parameters(100352) == 6392385536);
  CHECK(preset("flash").parameters(100352) == 20905482240);
  CHECK(preset("flash").head_size() == 96);
  CHECK(preset("core").parameters(100352) > 60000000000);
  CHECK(preset("nano").parameters(8192) < 10000000);
  const BuildOn meta({.device = at::kMeta});
  CHECK(count_parameters(*Decoder(preset("flash"), 100352)) == 20905482240);
}

TEST_CASE("decoder: sizes that do not fit are refused by name", "[model][decoder]") {
  const auto read = [](const std::string& keys) {
    return load_config_text<Preset>("model: {decoder: {" + keys + "}}", "nano.yaml");
  };
  CHECK_THROWS_WITH(read("num_heads: 4, num_kv_heads: 3"),
                    Catch::Contains("must divide num_heads"));
  CHECK_THROWS_WITH(read("dim: 256, num_heads: 6"), Catch::Contains("must be given where"));
  CHECK_THROWS_WITH(read("dim: 12, num_heads: 4"),
                    Catch::Contains("head_dim = 0 (default): must be even"));
}

TEST_CASE("decoder: bf16 keeps norms in fp32 and follows its matrices", "[model][decoder]") {
  auto decoder = make(small_decoder(), at::kBFloat16);
  for (const auto& item : decoder->named_parameters()) {
    const auto norm = item.key().find("norm") != std::string::npos;
    CHECK(item.value().scalar_type() == (norm ? at::kFloat : at::kBFloat16));
  }
  const auto hidden = decoder->forward(decoder->embed(random_tokens(3)), packed({3}));
  CHECK(hidden.scalar_type() == at::kBFloat16);
  CHECK(decoder->logits(hidden).sizes() == at::IntArrayRef({3, 64}));
}

TEST_CASE("decoder: a whole step runs on the meta device", "[model][decoder]") {
  const BuildOn meta({.device = at::kMeta});
  auto config = small_decoder();
  config.recompute = true;
  Decoder decoder(config, kVocab);
  const auto options = at::TensorOptions(at::kMeta).dtype(at::kLong);
  auto row = packed({3, 4});
  row.positions = row.positions.to(at::kMeta);
  const auto tokens = torch::empty({7}, options);
  const auto hidden = decoder->forward(decoder->embed(tokens), row);
  const auto loss = ops::linear_cross_entropy(hidden, decoder->head_weight(), tokens,
                                              torch::empty({7}, options.dtype(at::kFloat)));
  loss.sum.backward();
  for (const auto& parameter : decoder->parameters()) CHECK(parameter.grad().is_meta());
}
