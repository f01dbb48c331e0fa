#include "reka/blocks/init.h"

#include <cmath>

#include <ATen/ops/empty.h>

namespace reka {
namespace {

thread_local at::Device build_device = at::kCPU;
thread_local bool build_fill = true;

at::Tensor allocate(at::IntArrayRef sizes) {
  return at::empty(sizes, at::TensorOptions(at::kFloat).device(build_device));
}

}  // namespace

BuildOn::BuildOn(const at::Device& device, bool fill)
    : outer_device_(build_device), outer_fill_(build_fill) {
  build_device = device;
  build_fill = fill;
}

BuildOn::~BuildOn() {
  build_device = outer_device_;
  build_fill = outer_fill_;
}

at::Tensor normal_weight(at::IntArrayRef sizes, double std) {
  const at::NoGradGuard no_grad;
  auto weight = allocate(sizes);
  return build_fill && !weight.is_meta() ? weight.normal_(0, std) : weight;
}

at::Tensor constant_weight(at::IntArrayRef sizes, double value) {
  const at::NoGradGuard no_grad;
  auto weight = allocate(sizes);
  return build_fill && !weight.is_meta() ? weight.fill_(value) : weight;
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
