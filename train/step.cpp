#include "train/step.h"

#include <cmath>

#include <ATen/ATen.h>

#include "reka/base/random.h"

namespace reka::train {
namespace {

constexpr int64_t kOtherCounts = 3;  // padding, damaged, masked

}  // namespace

std::vector<uint64_t> row_hashes(const Batch& batch, int64_t row_tokens) {
  std::vector<uint64_t> hashes(batch.targets.numel() / row_tokens);
  for (size_t d = 0; d < batch.documents.size(); ++d) {
    const auto start = batch.input.sequence.starts[d];
    auto& hash = hashes[start / row_tokens];
    hash = mix64(hash, batch.documents[d].sample_id, static_cast<uint64_t>(start % row_tokens));
  }
  return hashes;
}

Stepper::Stepper(LossFunction loss, const at::Device& device, FlatParameters& parameters,
                 AdamW& optimizer, Group& group)
    : loss_(std::move(loss)),
      device_(device),
      parameters_(parameters),
      optimizer_(optimizer),
      group_(group) {}

StepResult Stepper::run(const StepPlan& plan, size_t num_languages,
                        const std::function<Batch()>& next) {
  StepResult result = {.losses = LossTable(num_languages)};
  auto counts = at::zeros({plan.rows + kOtherCounts}, at::kLong);  // the rows' hashes; others
  auto* count = counts.mutable_data_ptr<int64_t>();
  for (int64_t micro = 0; micro < plan.micro_batches; ++micro) {
    const auto batch = next();
    const auto hashes = row_hashes(batch, plan.row_tokens);
    for (size_t row = 0; row < hashes.size(); ++row) {
      const auto place = batch.rows.at(row) - plan.first_row;
      TORCH_CHECK(place >= 0 && place < plan.rows, "step: row ", batch.rows[row], " in a step of ",
                  plan.rows, " rows from ", plan.first_row);
      count[place] = static_cast<int64_t>(hashes[row]);
    }
    count[plan.rows] += batch.padding;
    count[plan.rows + 1] += batch.quarantined;
    count[plan.rows + 2] += batch.masked;
    if (batch.weight == 0) continue;  // nothing to learn from, and no gradient
    const auto loss = loss_(batch.to(device_));
    if (loss.sum.requires_grad()) loss.sum.backward();  // not for text where text is frozen
    result.losses.add(batch, loss.losses);
  }
  reduce(result, counts);
  const auto weight = result.losses.all().weight;
  if (weight == 0) return result;
  result.gradient_norm = parameters_.gradient_norm() / weight;
  result.applied = std::isfinite(result.gradient_norm);
  if (!result.applied) {
    parameters_.zero_gradients();
    return result;
  }
  const bool clips = plan.clip > 0 && result.gradient_norm > plan.clip;
  optimizer_.step(plan.lr, (clips ? plan.clip / result.gradient_norm : 1.0) / weight);
  return result;
}

void Stepper::reduce(StepResult& result, at::Tensor& counts) {
  for (auto& group : parameters_.groups()) group_.sum(group.gradient);
  group_.sum(result.losses.sums());
  group_.sum(counts);
  const auto* count = counts.const_data_ptr<int64_t>();
  const auto rows = counts.numel() - kOtherCounts;
  for (int64_t row = 0; row < rows; ++row) {
    result.order_hash = mix64(result.order_hash, static_cast<uint64_t>(count[row]));
  }
  result.padding = count[rows];
  result.quarantined = count[rows + 1];
  result.masked = count[rows + 2];
}

}  // namespace reka::train
