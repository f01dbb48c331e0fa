// bench_ops [tokens]: forward and backward of each operation, bfloat16 and fp32.
#include <string>

#include <fmt/format.h>
#include <torch/csrc/autograd/autograd.h>

#include "reka/ops/attention.h"
#include "reka/ops/cross_entropy.h"
#include "reka/ops/embedding.h"
#include "reka/ops/rms_norm.h"
#include "reka/ops/rope.h"
#include "reka/ops/swiglu.h"
#include "tests/bench/timing.h"

namespace {

using namespace reka;

template <typename Op>
void measure(const char* name, std::vector<at::Tensor> in, const Op& op) {
  for (auto& x : in) {
    if (x.is_floating_point()) x.requires_grad_();
  }
  at::Tensor y;
  const auto forward = bench::best_ms([&] { y = op(in); });
  const auto dy = torch::randn_like(y);
  const auto both = bench::best_ms([&] {
    y = op(in);
    std::vector<at::Tensor> wanted;
    for (const auto& x : in) {
      if (x.requires_grad()) wanted.push_back(x);
    }
    torch::autograd::grad({y}, wanted, {dy}, {}, false, true);
  });
  fmt::print("  {:24} forward {:8.3f} ms, backward {:8.3f} ms\n", name, forward, both - forward);
}

void measure_all(at::ScalarType precision, int64_t T) {
  fmt::print("{}\n", toString(precision));
  const auto options = at::TensorOptions(precision);
  const auto weight = torch::ones({256});
  const auto random = [&](std::vector<int64_t> sizes) { return torch::randn(sizes, options); };
  measure("rms_norm [T, 256]", {random({T, 256}), weight},
          [](const auto& in) { return ops::rms_norm(in[0], in[1], 1e-5); });
  measure("swiglu [T, 2 x 704]", {random({T, 1408})},
          [](const auto& in) { return ops::swiglu(in[0]); });
  const auto angles = ops::RopeTable(64, 1e4).gather(torch::arange(T), T);
  measure("rope [T, 8, 64]", {random({T, 8, 64})},
          [&](const auto& in) { return ops::rope(in[0], angles, 6); });
  measure("embedding [8192, 256]", {torch::randint(8192, {T}), random({8192, 256})},
          [&](const auto& in) { return ops::embedding(in[0], in[1]); });
  const auto targets = torch::randint(8192, {T});
  measure("head [8192, 256]", {random({T, 256}), random({8192, 256})}, [&](const auto& in) {
    return ops::linear_cross_entropy(in[0], in[1], targets, torch::ones({T})).sum;
  });
  const auto attend = [&](const char* name, std::vector<int64_t> starts) {
    std::vector<int64_t> prefixes(starts.size() - 1);
    const ops::AttentionLayout layout{starts, starts, prefixes};
    measure(name, {random({T, 8, 64})},
            [&](const auto& in) { return ops::self_attention(in[0], 4, layout); });
  };
  attend("attention, mixed", bench::mixed_documents(T));
  attend("attention, one document", {0, T});
  std::vector<int64_t> short_starts{0};
  while (short_starts.back() < T) short_starts.push_back(std::min(T, short_starts.back() + 25));
  attend("attention, 25 tokens each", short_starts);
}

}  // namespace

int main(int argc, char** argv) {
  const auto tokens = argc > 1 ? std::stol(argv[1]) : 4096;
  for (const auto precision : {at::kBFloat16, at::kFloat}) measure_all(precision, tokens);
}
