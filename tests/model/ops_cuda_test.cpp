// Operations and models on a GPU against the same on the CPU. Each case is skipped, and says so,
// where there is no GPU.
#include <ATen/Context.h>

#include "reka/generate/generate.h"
#include "reka/ops/attention.h"
#include "reka/ops/cross_entropy.h"
#include "reka/ops/embedding.h"
#include "reka/ops/rms_norm.h"
#include "reka/ops/rope.h"
#include "reka/ops/swiglu.h"
#include "tests/model/attention_cases.h"
#include "tests/model/rows.h"

namespace {

using namespace reka;
using namespace reka::testing;
using torch::Tensor;
using Tensors = std::vector<Tensor>;
using Function = std::function<Tensor(const Tensors&)>;

/// The first GPU, and the last where there are several: kernels must not run on the current one.
std::vector<at::Device> gpus() {
  std::vector<at::Device> found;
  const auto count = static_cast<at::DeviceIndex>(at::getNumGPUs());
  if (count > 0) found.emplace_back(at::kCUDA, 0);
  if (count > 1) found.emplace_back(at::kCUDA, count - 1);
  if (found.empty()) WARN("no CUDA device: skipped");
  return found;
}

struct Tolerance {
  double fp32 = 1e-4;
  double bf16 = 3e-2;
};

/// `op` at `inputs` on the device in fp32 and bf16, values and gradients, against `reference` in
/// fp32 on the CPU at the same rounded values.
void check_on(const at::Device& device, const Function& op, const Function& reference,
              const Tensors& inputs, Tolerance tolerance = {}) {
  for (const auto dtype : {at::kFloat, at::kBFloat16}) {
    INFO(device << ", " << dtype);
    const auto allowed = dtype == at::kFloat ? tolerance.fp32 : tolerance.bf16;
    Tensors there, here;
    for (const auto& x : inputs) {
      there.push_back(x.detach().to(dtype).to(device).requires_grad_());
      here.push_back(x.detach().to(dtype).to(at::kFloat).requires_grad_());
    }
    const auto got = op(there);
    const auto want = reference(here);
    CHECK(got.device() == device);
    check_close(got.cpu(), want, allowed);
    const auto weight = torch::randn(want.sizes()).to(got.scalar_type());
    const auto got_grad = torch::autograd::grad({(got * weight.to(device)).sum()}, there);
    const auto want_grad = torch::autograd::grad({(want * weight.to(at::kFloat)).sum()}, here);
    for (size_t i = 0; i < inputs.size(); ++i) {
      INFO("input " << i);
      check_close(got_grad[i].cpu(), want_grad[i], allowed);
    }
  }
}

void check_on(const at::Device& device, const Function& op, const Tensors& inputs,
              Tolerance tolerance = {}) {
  check_on(device, op, op, inputs, tolerance);
}

}  // namespace

TEST_CASE("cuda: rms_norm is that of the CPU", "[.][cuda]") {
  const auto op = [](const Tensors& in) {
    return ops::rms_norm(in[0], in[1].to(at::kFloat), 1e-5);
  };
  for (const auto& device : gpus()) {
    for (const int64_t dim : {1, 7, 257, 5000}) {
      for (const int64_t rows : {0, 1, 3, 700}) {
        check_on(device, op, {torch::randn({rows, dim}) * 3, torch::randn({dim})},
                 {.fp32 = 1e-3, .bf16 = 5e-2});
      }
    }
  }
}

TEST_CASE("cuda: swiglu is that of the CPU", "[.][cuda]") {
  const auto op = [](const Tensors& in) { return ops::swiglu(in[0]); };
  for (const auto& device : gpus()) {
    for (const int64_t rows : {0, 1, 33}) {
      for (const int64_t hidden : {1, 5, 129}) {
        check_on(device, op, {torch::randn({rows, 2 * hidden}) * 4});
      }
    }
  }
}

TEST_CASE("cuda: rope is that of the CPU", "[.][cuda]") {
  for (const auto& device : gpus()) {
    ops::RopeTable there(40, 100), here(40, 100);
    for (const int64_t tokens : {0, 1, 70}) {
      const auto positions = torch::arange(tokens);
      for (const int64_t rotated : {0, 3, 5}) {
        const auto op = [&](const Tensors& in) {
          auto& table = in[0].is_cuda() ? there : here;
          return ops::rope(in[0], table.gather(positions.to(in[0].device()), 70), rotated);
        };
        check_on(device, op, {torch::randn({tokens, 5, 40})});
      }
    }
  }
}

TEST_CASE("cuda: embedding is that of the CPU, with gradients summed in fp32", "[.][cuda]") {
  for (const auto& device : gpus()) {
    for (const int64_t count : {0, 5, 4000}) {  // from 3072 on another kernel adds up
      const auto tokens = torch::randint(6, {count});
      check_on(device,
               [&](const Tensors& in) { return ops::embedding(tokens.to(in[0].device()), in[0]); },
               {torch::randn({6, 5})}, {.fp32 = 1e-3, .bf16 = 3e-2});
    }
    check_on(device,
             [](const Tensors& in) {
               return ops::gather_rows(in[0], {2, -1, 2, 0});
             },
             {torch::randn({3, 8})});
    const auto weight = torch::zeros({2, 1}, at::kBFloat16).to(device).requires_grad_();
    ops::embedding(torch::ones({1000}, at::kLong).to(device), weight).sum().backward();
    CHECK(weight.grad()[1].item<float>() == 1000);
  }
}

TEST_CASE("cuda: attention meets the plain formula in every layout", "[.][cuda]") {
  for (const auto& device : gpus()) {
    for (const auto& item : attention_cases()) {
      INFO("heads of " << item.head_dim);
      const auto layout = item.layout;
      check_on(
          device, [&](const Tensors& in) { return ops::attention(in[0], in[1], in[2], layout); },
          [&](const Tensors& in) { return plain_attention(in[0], in[1], in[2], layout); },
          item.inputs(), {.fp32 = 1e-4, .bf16 = 4e-2});
    }
  }
}

TEST_CASE("cuda: attention over many scores, and out of one matrix", "[.][cuda]") {
  for (const auto& device : gpus()) {
    const AttentionCase large{4, 2, 8, self_layout({0, 3, 5000}, {0, 100})};
    const auto layout = large.layout;
    check_on(device, [&](const Tensors& in) { return ops::attention(in[0], in[1], in[2], layout); },
             large.inputs(), {.fp32 = 1e-3, .bf16 = 5e-2});
    const auto packed = self_layout({0, 37, 60}, {0, 5});
    check_on(device, [&](const Tensors& in) { return ops::self_attention(in[0], 4, packed); },
             {torch::randn({60, 8, 24})}, {.fp32 = 1e-4, .bf16 = 4e-2});
  }
}

TEST_CASE("cuda: linear_cross_entropy is that of the CPU, rows of weight 0 included", "[.][cuda]") {
  for (const auto& device : gpus()) {
    for (const int64_t vocab : {2, 97, 3001}) {
      auto targets = torch::randint(vocab, {50});
      auto weight = torch::rand({50});
      weight.index_put_({torch::arange(0, 50, 3)}, 0);
      targets.index_put_({torch::arange(0, 50, 3)}, vocab + 9);  // only seen ones must be valid
      const auto loss_of = [&](const Tensors& in) {
        const auto there = in[0].device();
        return ops::linear_cross_entropy(in[0], in[1], targets.to(there), weight.to(there));
      };
      const Tensors inputs{torch::randn({50, 16}), torch::randn({vocab, 16}) * 0.3};
      check_on(
          device, [&](const Tensors& in) { return loss_of(in).sum; }, inputs);
      const Tensors there{inputs[0].to(device), inputs[1].to(device)};
      check_close(loss_of(there).losses.cpu(), loss_of(inputs).losses, 1e-4);
    }
    const auto none = ops::linear_cross_entropy(
        torch::randn({0, 4}).to(device), torch::randn({7, 4}).to(device),
        torch::zeros({0}, at::kLong).to(device), torch::zeros({0}).to(device));
    CHECK(none.sum.item<float>() == 0);
  }
}

TEST_CASE("cuda: a whole model gives what it gives on the CPU", "[.][cuda]") {
  for (const auto& device : gpus()) {
    for (const auto& fusion : small_fusions()) {
      auto config = small_model(fusion);
      config.decoder.recompute = std::holds_alternative<ResamplerConfig>(fusion);
      auto here = make_model(config);
      auto there = make_model(config);
      there->to(device);
      const auto row = make_row(config, {{text(3), picture(40, 20), text(4), picture(16, 16)},
                                         {text(6)},
                                         {sound(0.55F), text(3), clip(3, 1.5F), text(5)}});
      const auto want = here->forward(row);
      const auto got = there->forward(row.to(device));
      check_close(got.cpu(), want, 1e-3);
      const auto weight = torch::randn(want.sizes());
      (want * weight).sum().backward();
      (got * weight.to(device)).sum().backward();
      const auto parameters = there->named_parameters();
      for (const auto& item : here->named_parameters()) {
        INFO(item.key());
        if (!item.value().grad().defined()) continue;
        check_close(parameters[item.key()].grad().cpu(), item.value().grad(), 5e-3);
      }
      to_precision(*there, at::kBFloat16);
      const auto rounded = there->forward(row.to(device));
      CHECK((rounded.cpu() - want).abs().mean().item<double>() < 0.05);
      rounded.sum().backward();
    }
  }
}

TEST_CASE("cuda: generation with a cache writes what it writes on the CPU", "[.][cuda]") {
  for (const auto& device : gpus()) {
    const auto config = small_model(small_fusions()[0]);
    auto here = make_model(config);
    auto there = make_model(config);
    there->to(device);
    const auto prompt = make_row(config, {{text(3), picture(16, 16), text(4)}});
    const GenerateOptions options{.max_tokens = 12, .vocab = 50};
    CHECK(generate(there, prompt, options) == generate(here, prompt, options));
  }
}
