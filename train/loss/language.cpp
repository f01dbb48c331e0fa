#include "train/loss/language.h"

#include <limits>
#include <numbers>

#include <ATen/ATen.h>

namespace reka::train {

double LossSum::mean() const {
  return weight > 0 ? nats / weight : std::numeric_limits<double>::quiet_NaN();
}

double LossSum::bits_per_byte() const {
  return bytes > 0 ? byte_nats / std::numbers::ln2 / bytes : 0;
}

LossTable::LossTable(size_t num_languages)
    : num_languages_(static_cast<int64_t>(num_languages)),
      sums_(at::zeros({kFirstLanguage + num_languages_ + 1, kColumns}, at::kDouble)) {}

void LossTable::add(const Batch& batch, const at::Tensor& losses) {
  TORCH_CHECK(losses.numel() == batch.targets.numel(), "loss table: losses ", losses.sizes(),
              ", targets ", batch.targets.sizes());
  pending_.push_back({batch.input.sequence.starts, batch.documents, batch.target_weight, losses});
  if (losses.is_cpu()) settle();
}

at::Tensor LossTable::sums() {
  settle();
  return sums_;
}

LossSum LossTable::row(int64_t index) {
  settle();
  TORCH_CHECK(index < sums_.size(0), "loss table: group ", index, " of ", sums_.size(0));
  const auto* values = sums_.const_data_ptr<double>() + kColumns * index;
  return {values[0], values[1], values[2], values[3]};
}

void LossTable::settle() {
  for (const auto& batch : pending_) {
    const auto losses = batch.losses.detach().cpu().contiguous();
    const auto* loss = losses.const_data_ptr<float>();
    const auto* weight = batch.weight.const_data_ptr<float>();
    for (size_t d = 0; d < batch.documents.size(); ++d) {
      LossSum sum = {.bytes = batch.documents[d].text_bytes};
      for (auto i = batch.starts[d]; i < batch.starts[d + 1]; ++i) {
        sum.nats += static_cast<double>(weight[i]) * static_cast<double>(loss[i]);
        sum.weight += static_cast<double>(weight[i]);
      }
      if (sum.bytes > 0) sum.byte_nats = sum.nats;
      add_document(batch.documents[d], sum);
    }
  }
  pending_.clear();
}

void LossTable::add_document(const DocumentInfo& document, const LossSum& sum) {
  if (sum.weight == 0) return;
  const bool known = document.language >= 0 && document.language < num_languages_;
  const auto rows = {int64_t{0}, 1 + static_cast<int64_t>(document.modality),
                     kFirstLanguage + (known ? document.language : num_languages_)};
  for (const auto index : rows) {
    auto* values = sums_.mutable_data_ptr<double>() + kColumns * index;
    values[0] += sum.nats;
    values[1] += sum.weight;
    values[2] += sum.bytes;
    values[3] += sum.byte_nats;
  }
}

}  // namespace reka::train
