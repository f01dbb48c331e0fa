// bench_step [tokens] [vocab] [bf16|fp32]: forward and backward of the nano decoder on a packed
// row.
#include <string>

#include <fmt/format.h>
#include <torch/csrc/autograd/autograd.h>

#include "reka/model/decoder.h"
#include "reka/ops/cross_entropy.h"
#include "tests/bench/timing.h"

namespace {

using namespace reka;

Sequence row_of(int64_t tokens) {
  Sequence sequence{.starts = bench::mixed_documents(tokens)};
  std::vector<at::Tensor> positions;
  for (size_t d = 0; d + 1 < sequence.starts.size(); ++d) {
    positions.push_back(torch::arange(sequence.starts[d + 1] - sequence.starts[d]));
  }
  sequence.prefix_lengths.resize(positions.size());
  sequence.positions = torch::cat(positions);
  return sequence;
}

void measure(at::ScalarType precision, int64_t tokens, int64_t vocab) {
  Decoder decoder{DecoderConfig{}, vocab};
  to_precision(*decoder, precision);
  const auto sequence = row_of(tokens);
  const auto ids = torch::randint(vocab, {tokens});
  const auto weight = torch::ones({tokens});
  double forward = 0;
  const auto whole = bench::best_ms(
      [&] {
        const auto begin = bench::now_ms();
        const auto hidden = decoder->forward(decoder->embed(ids), sequence);
        forward = bench::now_ms() - begin;
        ops::linear_cross_entropy(hidden, decoder->head_weight(), ids.roll(-1), weight)
            .sum.backward();
        for (auto& parameter : decoder->parameters()) parameter.mutable_grad().reset();
      },
      12);
  const auto dense = count_parameters(*decoder) - vocab * decoder->config().dim;
  fmt::print(
      "{:5} {} documents in {} tokens: {:.1f} ms (blocks forward {:.1f}), {:.0f} tokens/s, {:.0f} "
      "GF\n",
      toString(precision), sequence.documents(), tokens, whole, forward, 1e3 * tokens / whole,
      6e-6 * static_cast<double>(dense * tokens) / whole);
}

}  // namespace

int main(int argc, char** argv) {
  const auto tokens = argc > 1 ? std::stol(argv[1]) : 4096;
  const auto vocab = argc > 2 ? std::stol(argv[2]) : 8192;
  const std::string precision = argc > 3 ? argv[3] : "bf16 fp32";
  if (precision.find("bf16") != std::string::npos) measure(at::kBFloat16, tokens, vocab);
  if (precision.find("fp32") != std::string::npos) measure(at::kFloat, tokens, vocab);
}
