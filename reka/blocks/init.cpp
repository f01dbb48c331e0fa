#include "reka/blocks/init.h"

#include <cmath>
#include <utility>

#include <ATen/ops/empty.h>

namespace reka {
namespace {

thread_local BuildPlace build_place;

template <typename Fill>
at::Tensor new_weight(at::IntArrayRef sizes, at::ScalarType precision, const Fill& fill) {
  const at::NoGradGuard no_grad;
  const auto options = at::TensorOptions(build_place.device);
  if (!build_place.fill || build_place.device.is_meta())
    return at::empty(sizes, options.dtype(precision));
  auto weight = at::empty(sizes, options.dtype(at::kFloat));
  fill(weight);
  return weight.to(precision);
}

}  // namespace

BuildOn::BuildOn(const BuildPlace& inner) : outer_(std::exchange(build_place, inner)) {}

BuildOn::~BuildOn() {
  build_place = outer_;
}

at::Tensor normal_weight(at::IntArrayRef sizes, double std) {
  return new_weight(sizes, build_place.precision,
                    [&](at::Tensor& weight) { weight.normal_(0, std); });
}

at::Tensor constant_weight(at::IntArrayRef sizes, double value) {
  return new_weight(sizes, build_place.precision, [&](at::Tensor& weight) { weight.fill_(value); });
}

at::Tensor fp32_weight(at::IntArrayRef sizes, double value) {
  return new_weight(sizes, at::kFloat, [&](at::Tensor& weight) { weight.fill_(value); });
}

double residual_std(double std, int64_t num_layers) {
  return std / std::sqrt(2.0 * static_cast<double>(num_layers));
}

void to_precision(torch::nn::Module& module, at::ScalarType dtype) {
  if (dynamic_cast<const KeepsFp32*>(&module) != nullptr) return;
  for (auto& parameter : module.parameters(/*recurse=*/false)) {
    parameter.set_data(parameter.detach().to(dtype));
  }
  for (const auto& child : module.children()) to_precision(*child, dtype);
}

int64_t count_parameters(const torch::nn::Module& module) {
  int64_t total = 0;
  for (const auto& parameter : module.parameters()) total += parameter.numel();
  return total;
}

}  // namespace reka
