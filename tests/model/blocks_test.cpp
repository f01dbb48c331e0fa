#include "reka/blocks/block.h"
#include "reka/blocks/embedding.h"
#include "tests/support/testing.h"

namespace {

using namespace reka;
using reka::testing::check_close;

BlockOptions small_block() {
  return {.attention = {.dim = 12, .num_heads = 4, .num_kv_heads = 2, .head_dim = 6},
          .feed_forward = {.dim = 12, .hidden = 20}};
}

}  // namespace

TEST_CASE("linear: has a bias only when asked", "[blocks]") {
  Linear plain(3, 2);
  CHECK(plain->named_parameters().size() == 1);
  Linear with(3, 2, LinearOptions{.bias = true});
  with->bias.data().fill_(4);
  const auto x = torch::randn({5, 3});
  check_close(with(x), x.mm(with->weight.t()) + 4);
}

TEST_CASE("block: is attention and feed-forward on norms, added to its input", "[blocks]") {
  Block block(small_block());
  const auto named = block->named_parameters();
  REQUIRE(named.size() == 6);
  const auto x = torch::randn({9, 12});
  AttentionInput input{.layout = bidirectional_layout({0, 9})};
  for (const auto* name : {"attention.output.weight", "feed_forward.down.weight"}) {
    named[name].data().zero_();
  }
  CHECK(torch::equal(block(x, input), x));
  named["feed_forward.down.weight"].data().normal_();
  const auto norm = x / (x.square().mean(-1, true) + 1e-5).sqrt();
  const auto halves = norm.mm(named["feed_forward.gate_up.weight"].t()).chunk(2, 1);
  const auto hidden = torch::silu(halves[0]) * halves[1];
  check_close(block(x, input), x + hidden.mm(named["feed_forward.down.weight"].t()), 1e-4);
}

TEST_CASE("attention: rows of its matrix are queries, keys, values", "[blocks]") {
  const auto options = small_block().attention;
  GroupedAttention attention(options);
  const auto x = torch::randn({5, 12});
  const auto w = attention->named_parameters()["qkv.weight"];
  const auto heads = [&](int64_t first, int64_t count) {
    return x.mm(w.narrow(0, first * 6, count * 6).t()).view({5, count, 6}).transpose(0, 1);
  };
  const auto k = heads(4, 2).repeat_interleave(2, 0);
  const auto v = heads(6, 2).repeat_interleave(2, 0);
  const auto weights = (heads(0, 4).matmul(k.transpose(1, 2)) / std::sqrt(6.0)).softmax(-1);
  const auto mixed = weights.matmul(v).transpose(0, 1).flatten(1);
  check_close(attention(x, AttentionInput{.layout = bidirectional_layout({0, 5})}),
              mixed.mm(attention->named_parameters()["output.weight"].t()), 1e-5);
}

TEST_CASE("build: on the meta device a module has sizes but no memory", "[blocks]") {
  {
    const BuildOn meta({.device = at::kMeta});
    CHECK(Linear(1 << 20, 1 << 20)->weight.is_meta());
  }
  CHECK(Linear(2, 2)->weight.is_cpu());
}

TEST_CASE("build: a precision is that of all but norms, rounded from the same draws", "[blocks]") {
  torch::manual_seed(3);
  const Linear exact(5, 4);
  torch::manual_seed(3);
  const BuildOn rounded({.precision = at::kBFloat16});
  CHECK(torch::equal(Linear(5, 4)->weight, exact->weight.to(at::kBFloat16)));
  CHECK(RmsNorm(3, 1e-5)->weight.scalar_type() == at::kFloat);
}

TEST_CASE("init: matrices have the wanted spread, residual ones less", "[blocks]") {
  torch::manual_seed(0);
  CHECK(Embedding(400, 50, 0.1)->weight.std().item<double>() == Approx(0.1).epsilon(0.05));
  CHECK(residual_std(0.02, 8) == Approx(0.005));
  auto norm = RmsNorm(3, 1e-5);
  CHECK(torch::equal(norm->weight, torch::ones({3})));
}

TEST_CASE("cache: new tokens stand behind the past, up to its capacity", "[blocks]") {
  KvCache cache({.num_layers = 1, .capacity = 3, .num_kv_heads = 1, .head_dim = 2}, {});
  const auto k = torch::arange(6, torch::kFloat).view({3, 1, 2});
  cache.append(0, k.narrow(0, 0, 2), k.narrow(0, 0, 2));
  cache.advance(2);
  CHECK(cache.length() == 2);
  const auto past = cache.append(0, k.narrow(0, 2, 1), k.narrow(0, 2, 1) + 1);
  CHECK(torch::equal(past.k, k));
  CHECK(torch::equal(past.v.flatten(), torch::tensor({0.0F, 1.0F, 2.0F, 3.0F, 5.0F, 6.0F})));
  CHECK_THROWS_WITH(cache.append(0, k, k), Catch::Contains("must not exceed the capacity of 3"));
}
