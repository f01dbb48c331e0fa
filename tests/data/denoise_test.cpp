#include "data/tokens/denoise.h"

#include <cmath>
#include <map>
#include <numeric>

#include "reka/base/random.h"
#include "tests/data/made_samples.h"
#include "tests/support/catch.h"

namespace reka::data {
namespace {

using testing::byte_tokenizer;

constexpr ObjectiveConfig kUl2r{
    .causal = 0, .prefix_lm = 50, .regular_spans = 25, .extreme_spans = 25};

/// `count` tokens that are no specials, then <eos>.
std::vector<int32_t> plain_tokens(int64_t count, uint64_t seed = 1) {
  std::vector<int32_t> tokens;
  for (int64_t i = 0; i < count; ++i)
    tokens.push_back(100 + static_cast<int32_t>(uniform_below(mix64(seed, i), 200)));
  tokens.push_back(byte_tokenizer()->end_of_text());
  return tokens;
}

std::vector<TargetRun> all_of(const std::vector<int32_t>& tokens) {
  return {{0, static_cast<int32_t>(tokens.size())}};
}

bool is_sentinel(int32_t id) {
  return byte_tokenizer()->piece(id).starts_with("<extra_id_");
}

bool is_mode(int32_t id) {
  const auto piece = byte_tokenizer()->piece(id);
  return piece == "[S2S]" || piece == "[NLU]" || piece == "[NLG]";
}

/// Puts the spans of the answer in the places of their sentinels.
std::vector<int32_t> restore(const Example& example) {
  std::map<int32_t, std::vector<int32_t>> spans;
  const auto bar = static_cast<size_t>(example.prefix_length);
  int32_t sentinel = -1;
  for (size_t i = bar; i + 1 < example.tokens.size(); ++i)
    if (is_sentinel(example.tokens[i]))
      sentinel = example.tokens[i];
    else
      spans[sentinel].push_back(example.tokens[i]);
  std::vector<int32_t> text;
  for (size_t i = is_mode(example.tokens[0]) ? 1 : 0; i < bar; ++i) {
    const auto id = example.tokens[i];
    if (is_sentinel(id))
      text.insert(text.end(), spans.at(id).begin(), spans.at(id).end());
    else
      text.push_back(id);
  }
  return text;
}

ObjectiveConfig only(Denoiser denoiser) {
  ObjectiveConfig config{.causal = 0};
  if (denoiser == Denoiser::kCausal) config.causal = 1;
  if (denoiser == Denoiser::kPrefix) config.prefix_lm = 1;
  if (denoiser == Denoiser::kRegular) config.regular_spans = 1;
  if (denoiser > Denoiser::kRegular) config.extreme_spans = 1;
  return config;
}

}  // namespace

TEST_CASE("denoise: kept text and answer give the text back, for every length and denoiser",
          "[data][denoise]") {
  const int64_t row_tokens = 512;
  for (const auto wanted : {Denoiser::kRegular, Denoiser::kExtremeLong, Denoiser::kExtremeDense}) {
    const Objective objective(only(wanted), *byte_tokenizer(), row_tokens);
    for (int64_t count = 8; count < 2000; count += 1 + count / 9) {
      const auto tokens = plain_tokens(count);
      std::vector<int32_t> text;
      for (const auto& piece :
           objective.pieces(static_cast<int64_t>(tokens.size()), mix64(count), 0)) {
        const auto example =
            objective.example(piece, tokens, all_of(tokens), mix64(7, text.size()));
        REQUIRE(example.length == piece.length);
        REQUIRE(example.length <= row_tokens);
        REQUIRE(static_cast<int64_t>(example.tokens.size()) == example.length);
        const auto restored = restore(example);
        text.insert(text.end(), restored.begin(), restored.end());
        for (int64_t i = 0; i < example.length; ++i)
          REQUIRE((example.predicted[static_cast<size_t>(i)] != 0) == (i >= example.prefix_length));
      }
      text.push_back(tokens.back());
      REQUIRE(text == tokens);
    }
  }
}

TEST_CASE("denoise: rates and mean spans are those of UL2R", "[data][denoise]") {
  const auto check = [](Denoiser denoiser, int64_t tokens, double rate, double mean) {
    const auto [noise, spans] = Objective::span_counts(denoiser, tokens);
    CHECK(static_cast<double>(noise) / static_cast<double>(tokens) == Approx(rate).epsilon(0.02));
    CHECK(static_cast<double>(noise) / static_cast<double>(spans) == Approx(mean).epsilon(0.05));
  };
  check(Denoiser::kRegular, 1000, 0.15, 3);
  check(Denoiser::kExtremeLong, 1024, 0.15, 32);
  check(Denoiser::kExtremeDense, 300, 0.50, 3);

  // The spans themselves differ in length: sampled, they are as likely to be 1 as a geometric law
  // of the same mean says (k - 1 cuts among n - 1 places: (k - 1) / (n - 1)).
  const Objective objective(only(Denoiser::kRegular), *byte_tokenizer(), 2048);
  const auto tokens = plain_tokens(1000);
  std::map<int64_t, int64_t> lengths;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const auto piece = objective.pieces(1001, seed, 0).front();
    const auto example = objective.example(piece, tokens, all_of(tokens), seed);
    int64_t length = 0;
    for (auto i = static_cast<size_t>(example.prefix_length) + 1; i < example.tokens.size(); ++i) {
      if (!is_sentinel(example.tokens[i]) && i + 1 < example.tokens.size()) {
        ++length;
        continue;
      }
      ++lengths[length];
      length = 0;
    }
  }
  double spans = 0, total = 0;
  for (const auto& [length, times] : lengths) {
    spans += static_cast<double>(times);
    total += static_cast<double>(length * times);
  }
  CHECK(spans == 200 * 50);
  CHECK(total / spans == Approx(3));
  CHECK(static_cast<double>(lengths[1]) / spans == Approx(49.0 / 149).epsilon(0.05));
}

TEST_CASE("denoise: spans fall evenly over the text, also on its first and last token",
          "[data][denoise]") {
  const Objective objective(only(Denoiser::kRegular), *byte_tokenizer(), 256);
  const auto tokens = plain_tokens(100);
  std::vector<int> lost(100, 0);
  for (uint64_t seed = 0; seed < 3000; ++seed) {
    const auto piece = objective.pieces(101, seed, 0).front();
    auto numbered = tokens;
    std::iota(numbered.begin(), numbered.end() - 1, 1000);
    const auto example = objective.example(piece, numbered, all_of(tokens), seed);
    for (auto i = static_cast<size_t>(example.prefix_length); i < example.tokens.size(); ++i)
      if (example.tokens[i] >= 1000) ++lost[static_cast<size_t>(example.tokens[i]) - 1000];
  }
  for (size_t i = 5; i < 95; ++i) CHECK(lost[i] == Approx(450).margin(110));
  for (const size_t edge : {0, 99}) CHECK(lost[edge] > 100);
}

TEST_CASE("denoise: shares, mode tokens and lengths follow from the id and the epoch",
          "[data][denoise]") {
  const Objective objective(kUl2r, *byte_tokenizer(), 512);
  CHECK(objective.varies());
  const auto tokens = plain_tokens(200);
  std::map<Denoiser, int> chosen;
  std::map<std::string, int> modes;
  for (uint64_t id = 0; id < 4000; ++id) {
    ++chosen[objective.choose(id, 3)];
    CHECK(objective.choose(id, 3) == objective.choose(id, 3));
    const auto piece = objective.pieces(201, id, 3).front();
    const auto example = objective.example(piece, tokens, all_of(tokens), id);
    ++modes[byte_tokenizer()->piece(example.tokens[0])];
  }
  CHECK(chosen[Denoiser::kPrefix] == Approx(2000).margin(130));
  CHECK(chosen[Denoiser::kRegular] == Approx(1000).margin(110));
  CHECK(chosen[Denoiser::kExtremeLong] == Approx(500).margin(90));
  CHECK(chosen[Denoiser::kExtremeDense] == Approx(500).margin(90));
  CHECK(modes.size() == 3);
  CHECK(modes["[S2S]"] == chosen[Denoiser::kPrefix]);
  CHECK(modes["[NLU]"] == chosen[Denoiser::kRegular]);
  int changed = 0;
  for (uint64_t id = 0; id < 100; ++id)
    changed += objective.choose(id, 3) != objective.choose(id, 4) ? 1 : 0;
  CHECK(changed > 20);
}

TEST_CASE("denoise: a prefix ends anywhere inside the text and is not predicted",
          "[data][denoise]") {
  const Objective objective({.causal = 0, .prefix_lm = 1, .mode_tokens = false}, *byte_tokenizer(),
                            64);
  const auto tokens = plain_tokens(10);
  std::map<int64_t, int> splits;
  for (uint64_t seed = 0; seed < 500; ++seed) {
    const auto piece = objective.pieces(11, seed, 0).front();
    const auto example = objective.example(piece, tokens, all_of(tokens), seed);
    REQUIRE(example.tokens == tokens);
    ++splits[example.prefix_length];
    for (int64_t i = 0; i < example.length; ++i)
      REQUIRE((example.predicted[static_cast<size_t>(i)] != 0) == (i >= example.prefix_length));
  }
  CHECK(splits.size() == 10);
  CHECK(splits.begin()->first == 1);
  CHECK(splits.rbegin()->first == 10);
}

TEST_CASE("denoise: causal pieces of a long text predict every token but the first once",
          "[data][denoise]") {
  for (const int64_t row_tokens : {2, 5, 10, 11, 12, 64}) {
    const Objective objective({}, *byte_tokenizer(), row_tokens);
    CHECK_FALSE(objective.varies());
    const auto tokens = plain_tokens(10);
    std::vector<int32_t> predicted;
    for (const auto& piece : objective.pieces(11, 5, 0)) {
      const auto example = objective.example(piece, tokens, all_of(tokens), 0);
      REQUIRE(example.length == piece.length);
      REQUIRE(example.length <= row_tokens);
      for (size_t i = 1; i < example.tokens.size(); ++i) predicted.push_back(example.tokens[i]);
    }
    CHECK(predicted == std::vector<int32_t>(tokens.begin() + 1, tokens.end()));
  }
}

TEST_CASE("denoise: texts too short for spans stay causal", "[data][denoise]") {
  const Objective objective(only(Denoiser::kRegular), *byte_tokenizer(), 64);
  for (int64_t count = 0; count < 8; ++count) {
    const auto pieces = objective.pieces(count + 1, 1, 0);
    REQUIRE(pieces.size() == 1);
    CHECK(pieces[0].denoiser == Denoiser::kCausal);
    CHECK(pieces[0].length == count + 1);
  }
}

}  // namespace reka::data
