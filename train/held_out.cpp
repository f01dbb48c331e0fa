#include "train/held_out.h"

#include <ATen/ATen.h>

namespace reka::train {

HeldOut::HeldOut(const RunConfig& config, std::shared_ptr<const data::Tokenizer> tokenizer,
                 int64_t micro_rows, Group& group)
    : group_(group), micro_batch_rows_(micro_rows * group.size()) {
  const auto sources = mixture(config.data.shards, config.data.sources, data::Split::kDev);
  if (config.evaluate.every == 0 || sources.empty()) return;
  const data::LoaderConfig options = {.row_tokens = config.data.sequence_length,
                                      .rows = micro_rows,
                                      .seed = static_cast<uint64_t>(config.run.seed),
                                      .split = data::Split::kDev,
                                      .threads = 0,
                                      .max_quarantined = config.data.max_quarantined};
  loader_ = std::make_unique<data::Loader>(options, sources, tokenizer, media_rules(config.model),
                                           data::LoaderRank{group.rank(), group.size()});
  const auto batches_of = [&](int64_t rows) {
    return (rows + micro_batch_rows_ - 1) / micro_batch_rows_;
  };
  all_batches_ = batches_of(loader_->report().rows_per_epoch);
  batches_ = config.evaluate.rows == 0 ? all_batches_
                                       : std::min(all_batches_, batches_of(config.evaluate.rows));
}

LossTable HeldOut::run(const LossFunction& loss, const at::Device& device) {
  const at::NoGradGuard no_grad;
  LossTable table(languages().size());
  auto place = loader_->state();
  for (int64_t i = 0; i < batches_; ++i) {
    place.rows = i * all_batches_ / batches_ * micro_batch_rows_;
    loader_->restore(place);
    const auto batch = loader_->next();
    if (batch.weight > 0) table.add(batch, loss(batch.to(device)).losses);
  }
  group_.sum(table.sums());
  return table;
}

}  // namespace reka::train
