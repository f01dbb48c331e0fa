#include "reka/generate/generate.h"

#include "tests/support/testing.h"

using namespace reka;  // NOLINT(google-build-using-namespace)

namespace {

constexpr int64_t kPieces = 40;

Model make_model() {
  torch::manual_seed(5);
  ModelConfig config;
  config.decoder = {
      .dim = 32, .num_layers = 2, .num_heads = 4, .num_kv_heads = 2, .hidden = 48, .init_std = 0.5};
  return Model(config, kPieces);
}

Input document(const std::vector<int64_t>& tokens) {
  const auto size = static_cast<int64_t>(tokens.size());
  Input input;
  input.tokens = torch::tensor(tokens);
  input.sequence = {torch::arange(size), {0, size}, {0}};
  return input;
}

/// The likeliest continuation without a cache: the whole text again for each token.
std::vector<int64_t> plain_generate(Model model, std::vector<int64_t> tokens, int64_t count) {
  const torch::NoGradGuard no_grad;
  std::vector<int64_t> written;
  for (int64_t i = 0; i < count; ++i) {
    const auto hidden = model->forward(document(tokens));
    const auto logits = model->logits(hidden).slice(1, 0, kPieces);
    written.push_back(logits[-1].argmax().item<int64_t>());
    tokens.push_back(written.back());
  }
  return written;
}

}  // namespace

TEST_CASE("generate: the cache gives the text of the full forward pass", "[generate]") {
  auto model = make_model();
  for (const auto& prompt : {std::vector<int64_t>{7}, std::vector<int64_t>{3, 9, 1, 30, 22}}) {
    GenerateOptions options{.max_tokens = 12, .vocab = kPieces};
    CHECK(generate(model, document(prompt), options) == plain_generate(model, prompt, 12));
  }
}

TEST_CASE("generate: ends at a stop id, at the sink's word and at the limit", "[generate]") {
  auto model = make_model();
  GenerateOptions options{.max_tokens = 10, .vocab = kPieces};
  const auto free = generate(model, document({4, 8}), options);
  REQUIRE(free.size() == 10);

  options.stop_ids = {free[3]};
  const auto stopped = generate(model, document({4, 8}), options);
  CHECK(stopped.size() < free.size());
  CHECK(std::find(stopped.begin(), stopped.end(), free[3]) == stopped.end());

  options.stop_ids.clear();
  int64_t seen = 0;
  CHECK(generate(model, document({4, 8}), options, [&](int64_t) { return ++seen < 4; }).size() ==
        4);
  options.max_tokens = 0;
  CHECK(generate(model, document({4, 8}), options).empty());
}

TEST_CASE("generate: an empty prompt is a programmer's error", "[generate]") {
  auto model = make_model();
  Input empty;
  empty.tokens = torch::empty({0}, torch::kLong);
  empty.sequence = {torch::empty({0}, torch::kLong), {0}, {}};
  CHECK_THROWS(generate(model, empty, {.vocab = kPieces}));
}

TEST_CASE("generate: no text goes beyond the model's context", "[generate]") {
  auto model = make_model();
  const auto context = model->config().decoder.context;
  const auto prompt = document(std::vector<int64_t>(static_cast<size_t>(context - 3), 7));
  GenerateOptions options{.max_tokens = int64_t{1} << 40, .vocab = kPieces};
  CHECK(room_behind(model, prompt) == 3);
  CHECK(generate(model, prompt, options).size() == 3);
  const auto full = document(std::vector<int64_t>(static_cast<size_t>(context), 7));
  CHECK(room_behind(model, full) == 0);
  CHECK(generate(model, full, options).empty());
}
