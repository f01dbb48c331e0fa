#include "reka/fusion/pool_mlp.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/kron.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/zeros.h>

#include "reka/ops/to_device.h"

namespace reka {
namespace {

at::Tensor pooling_of_line(int64_t from, int64_t to) {
  auto matrix = at::zeros({to, from});
  for (int64_t i = 0; i < to; ++i) {
    const auto begin = i * from / to;
    const auto end = ((i + 1) * from + to - 1) / to;
    matrix[i].narrow(0, begin, end - begin).fill_(1.0 / static_cast<double>(end - begin));
  }
  return matrix;
}

}  // namespace

at::Tensor pooling_matrix(const Grid& from, const Grid& to) {
  return at::kron(pooling_of_line(from.rows, to.rows), pooling_of_line(from.columns, to.columns));
}

std::shared_ptr<SoftTokens> PoolMlpConfig::build(const SoftTokensShape& shape) const {
  return std::make_shared<PoolMlp>(*this, shape);
}

PoolMlp::PoolMlp(const PoolMlpConfig& config, const SoftTokensShape& shape)
    : tokens_(shape.tokens) {
  const LinearOptions options{.bias = true, .init_std = config.init_std};
  linear_1_ = register_module("linear_1", Linear(shape.width, shape.dim, options));
  linear_2_ = register_module("linear_2", Linear(shape.dim, shape.dim, options));
}

at::Tensor PoolMlp::forward(const Features& features) {
  const auto& x = features.values;
  std::vector<at::Tensor> pooled;
  int64_t begin = 0;
  for (const auto& run : runs_of_grids(features.grids)) {
    const auto positions = run.grid.positions();
    const auto items = x.narrow(0, begin, run.items * positions)
                           .view({run.items, positions, x.size(1)});  // [N, P, W]
    const auto matrix =
        ops::to_device(pooling_matrix(run.grid, tokens_).to(x.scalar_type()), x.device());
    pooled.push_back(at::matmul(matrix, items).flatten(0, 1));
    begin += run.items * positions;
  }
  return linear_2_(at::gelu(linear_1_(at::cat(pooled))));
}

}  // namespace reka
