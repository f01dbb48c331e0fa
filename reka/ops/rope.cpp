#include "reka/ops/rope.h"

#include <algorithm>

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/pow.h>
#include <torch/csrc/autograd/custom_function.h>

#include "reka/ops/dispatch.h"
#include "reka/ops/kernels.h"

namespace reka::ops {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// A rotation is orthogonal, so its gradient is the rotation by the opposite angle.
class Rope : public torch::autograd::Function<Rope> {
 public:
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x, const at::Tensor& cosine,
                            const at::Tensor& sine, int64_t rotated) {
    ctx->save_for_backward({cosine, sine});
    ctx->saved_data["rotated"] = rotated;
    return on(x, cpu::rope, cuda::rope, meta::rope)(x, cosine, sine, rotated, false);
  }
  static variable_list backward(AutogradContext* ctx, const variable_list& dy) {
    const auto saved = ctx->get_saved_variables();
    const auto dx = on(dy[0], cpu::rope, cuda::rope, meta::rope)(
        dy[0].contiguous(), saved[0], saved[1], ctx->saved_data["rotated"].toInt(), true);
    return {dx, {}, {}, {}};
  }
};

}  // namespace

RopeTable::RopeTable(int64_t head_dim, double theta, double scaling)
    : head_dim_(head_dim), theta_(theta), scaling_(scaling) {
  TORCH_CHECK(head_dim > 0 && head_dim % 2 == 0, "rope: head_dim = ", head_dim, ": must be even");
}

RopeAngles RopeTable::gather(const at::Tensor& positions, int64_t length) {
  const auto device = positions.device();
  if (!table_.cosine.defined() || table_.cosine.size(0) < length ||
      table_.cosine.device() != device) {
    grow(length, device);
  }
  if (device.is_meta()) {  // index_select has no meta kernel
    const auto empty = at::empty({positions.size(0), head_dim_ / 2}, table_.cosine.options());
    return {empty, at::empty_like(empty)};
  }
  return {table_.cosine.index_select(0, positions), table_.sine.index_select(0, positions)};
}

void RopeTable::grow(int64_t length, const at::Device& device) {
  const auto known = table_.cosine.defined() ? table_.cosine.size(0) : 0;
  const auto rows = length <= known ? known : std::max(length, 2 * known);
  const auto fp64 = at::TensorOptions(at::kDouble);  // exact angles at any length
  const auto pairs = at::arange(0, head_dim_, 2, fp64) / static_cast<double>(head_dim_);
  const auto frequency = at::pow(theta_, pairs).reciprocal() / scaling_;
  const auto angle = at::arange(rows, fp64).unsqueeze(1) * frequency;  // [rows, K / 2]
  table_ = {angle.cos().to(device, at::kFloat), angle.sin().to(device, at::kFloat)};
}

at::Tensor rope(const at::Tensor& x, const RopeAngles& angles, int64_t rotated) {
  TORCH_CHECK(x.dim() == 3 && x.size(2) % 2 == 0 && angles.cosine.dim() == 2 &&
                  angles.cosine.size(0) == x.size(0) && angles.cosine.size(1) == x.size(2) / 2 &&
                  angles.sine.sizes() == angles.cosine.sizes(),
              "rope: x is ", x.sizes(), ", cosine is ", angles.cosine.sizes(), ", sine is ",
              angles.sine.sizes());
  const auto math = at::toOpMathType(x.scalar_type());
  return Rope::apply(x.contiguous(), angles.cosine.to(math).contiguous(),
                     angles.sine.to(math).contiguous(),
                     rotated < 0 ? x.size(1) : std::min(rotated, x.size(1)));
}

}  // namespace reka::ops
