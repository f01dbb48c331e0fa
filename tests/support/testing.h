#pragma once

#include <functional>
#include <vector>

#include <torch/csrc/autograd/autograd.h>
#include <torch/types.h>

#include "tests/support/catch.h"

namespace reka::testing {

/// Fails with the largest difference when `got` is not close to `want`.
inline void check_close(const torch::Tensor& got, const torch::Tensor& want,
                        double tolerance = 1e-5) {
  REQUIRE(got.sizes() == want.sizes());
  if (got.numel() == 0) return;
  const auto a = got.detach().to(torch::kFloat64);
  const auto b = want.detach().to(torch::kFloat64);
  INFO("largest difference " << (a - b).abs().max().item<double>());
  CHECK(torch::allclose(a, b, /*rtol=*/tolerance, /*atol=*/tolerance));
}

/// Compares autograd with central differences at float64 inputs.
inline void check_gradient(const std::function<torch::Tensor(const std::vector<torch::Tensor>&)>& f,
                           std::vector<torch::Tensor> inputs, double tolerance = 1e-6) {
  constexpr double kStep = 1e-5;
  for (auto& x : inputs) x = x.detach().to(torch::kFloat64).contiguous().requires_grad_();
  const auto weights = torch::randn_like(f(inputs)).detach();
  const auto grads = torch::autograd::grad({(f(inputs) * weights).sum()}, inputs);
  torch::NoGradGuard no_grad;
  for (size_t n = 0; n < inputs.size(); ++n) {
    auto numeric = torch::zeros_like(inputs[n]);
    auto flat = inputs[n].view(-1);
    for (int64_t i = 0; i < flat.numel(); ++i) {
      const auto kept = flat[i].item<double>();
      flat[i] = kept + kStep;
      const auto above = (f(inputs) * weights).sum().item<double>();
      flat[i] = kept - kStep;
      const auto below = (f(inputs) * weights).sum().item<double>();
      flat[i] = kept;
      numeric.view(-1)[i] = (above - below) / (2 * kStep);
    }
    INFO("input " << n);
    check_close(grads[n], numeric, tolerance);
  }
}

}  // namespace reka::testing
