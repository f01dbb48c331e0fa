#include "train/optimizer/parameters.h"

#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/function_hook.h>
#include <torch/csrc/autograd/variable.h>

#include "train/optimizer/kernels.h"

namespace reka::train {
namespace {

constexpr int64_t kAlignment = 16;      // elements
constexpr int64_t kNormBlock = 262144;  // elements summed by one thread; fixed, for equal sums

int64_t aligned(int64_t elements) {
  return (elements + kAlignment - 1) / kAlignment * kAlignment;
}

/// Adds the gradient of a bfloat16 leaf to its fp32 sum and frees it.
class AddGradient : public torch::autograd::PostAccumulateGradHook {
 public:
  explicit AddGradient(at::Tensor sum) : sum_(std::move(sum)) {}

  void operator()(const at::Tensor& leaf) override {
    const at::NoGradGuard no_grad;
    auto& gradient = leaf.mutable_grad();
    if (sum_.is_cpu()) {
      const auto dense = gradient.contiguous();
      auto* sum = sum_.mutable_data_ptr<float>();
      const auto* bits = reinterpret_cast<const uint16_t*>(dense.const_data_ptr<at::BFloat16>());
      at::parallel_for(0, dense.numel(), 65536, [&](int64_t begin, int64_t end) {
        kernels::add_bfloat16(sum + begin, bits + begin, end - begin);
      });
    } else {
      sum_.add_(gradient);
    }
    gradient.reset();
  }

 private:
  at::Tensor sum_;  // in the leaf's shape
};

void allocate(ParameterGroup& group) {
  int64_t elements = 0;
  for (auto& slice : group.slices) {
    slice.offset = elements;
    elements += aligned(slice.leaf.numel());
  }
  const auto options = group.slices.front().leaf.options();
  const auto fp32 = options.dtype(at::kFloat).requires_grad(false);
  group.weight = at::zeros({elements}, fp32);
  group.gradient = at::zeros({elements}, fp32);
  group.first_moment = at::zeros({elements}, fp32);
  group.second_moment = at::zeros({elements}, fp32);
  if (options.dtype() != at::kFloat) {
    group.copy = at::zeros({elements}, options.requires_grad(false));
  }
}

void adopt(const ParameterGroup& group, const ParameterSlice& slice) {
  auto leaf = slice.leaf;
  group.view(group.weight, slice).copy_(leaf);
  const auto gradient = group.view(group.gradient, slice);
  if (group.copy.defined()) {
    group.view(group.copy, slice).copy_(leaf);
    leaf.set_data(group.view(group.copy, slice));
    torch::autograd::impl::set_post_acc_grad_hooks(leaf, std::make_unique<AddGradient>(gradient));
  } else {
    leaf.set_data(group.view(group.weight, slice));
    leaf.mutable_grad() = gradient;
  }
}

/// On a GPU: fp32 norms of blocks, then fp64, without a copy of the buffer in fp64.
double sum_of_squares(const at::Tensor& values) {
  const auto whole = values.numel() / kNormBlock * kNormBlock;
  const auto blocks = values.narrow(0, 0, whole).view({-1, kNormBlock});
  const auto rest = values.narrow(0, whole, values.numel() - whole).unsqueeze(0);
  double total = 0;
  for (const auto& part : {blocks, rest}) {
    total += at::linalg_vector_norm(part, 2, at::IntArrayRef{1})
                 .to(at::kDouble)
                 .square()
                 .sum()
                 .item<double>();
  }
  return total;
}

}  // namespace

at::Tensor ParameterGroup::view(const at::Tensor& buffer, const ParameterSlice& slice) const {
  return buffer.narrow(0, slice.offset, slice.leaf.numel()).view(slice.leaf.sizes());
}

FlatParameters::FlatParameters(const std::vector<NamedParameter>& parameters) {
  const at::NoGradGuard no_grad;
  std::map<std::pair<at::ScalarType, bool>, ParameterGroup> groups;
  std::set<const at::TensorImpl*> seen;
  for (const auto& [name, leaf] : parameters) {
    if (!leaf.requires_grad() || !seen.insert(leaf.unsafeGetTensorImpl()).second) continue;
    const auto dtype = leaf.scalar_type();
    TORCH_CHECK(dtype == at::kFloat || dtype == at::kBFloat16, "parameters: ", name, " is ", dtype,
                ", not float or bfloat16");
    const bool decay = leaf.dim() >= 2;
    auto& group = groups[{dtype, decay}];
    group.decay = decay;
    group.slices.push_back({name, leaf, 0});
  }
  for (auto& [key, group] : groups) {
    allocate(group);
    for (const auto& slice : group.slices) adopt(group, slice);
    groups_.push_back(std::move(group));
  }
}

void FlatParameters::assign(const std::vector<NamedParameter>& values) {
  const at::NoGradGuard no_grad;
  std::map<std::string, at::Tensor> by_name;
  for (const auto& [name, value] : values) by_name[name] = value;
  for (const auto& group : groups_) {
    for (const auto& slice : group.slices) {
      const auto found = by_name.find(slice.name);
      if (found != by_name.end()) group.view(group.weight, slice).copy_(found->second);
    }
  }
  refresh_copies();
}

void FlatParameters::refresh_copies() {
  const at::NoGradGuard no_grad;
  for (auto& group : groups_) {
    if (group.copy.defined()) group.copy.copy_(group.weight);
  }
}

double FlatParameters::gradient_norm() const {
  double total = 0;
  for (const auto& group : groups_) {
    if (!group.gradient.is_cpu()) {
      total += sum_of_squares(group.gradient);
      continue;
    }
    const auto* values = group.gradient.const_data_ptr<float>();
    const auto n = group.elements();
    std::vector<double> sums((n + kNormBlock - 1) / kNormBlock);
    at::parallel_for(0, static_cast<int64_t>(sums.size()), 1, [&](int64_t begin, int64_t end) {
      for (auto block = begin; block < end; ++block) {
        const auto first = block * kNormBlock;
        sums[block] = kernels::sum_of_squares(values + first, std::min(kNormBlock, n - first));
      }
    });
    for (const auto sum : sums) total += sum;
  }
  return std::sqrt(total);
}

void FlatParameters::zero_gradients() {
  for (auto& group : groups_) group.gradient.zero_();
}

int64_t FlatParameters::elements() const {
  int64_t total = 0;
  for (const auto& group : groups_) {
    for (const auto& slice : group.slices) total += slice.leaf.numel();
  }
  return total;
}

}  // namespace reka::train
