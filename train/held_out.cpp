#include "train/held_out.h"

#include <algorithm>
#include <set>

#include <ATen/ATen.h>

namespace reka::train {

std::vector<int64_t> pick_batches(const std::vector<int64_t>& source_rows, int64_t rows,
                                  int64_t batch_rows) {
  auto ascending = source_rows;
  std::sort(ascending.begin(), ascending.end());
  // What small sources leave of their share goes to the larger ones.
  int64_t share = rows == 0 ? ascending.back() : 0;
  for (size_t i = 0; i < ascending.size() && rows > 0; ++i) {
    share = rows / static_cast<int64_t>(ascending.size() - i);
    if (ascending[i] > share) break;
    rows -= ascending[i];
  }
  std::set<int64_t> batches;
  int64_t begin = 0;
  for (const auto count : source_rows) {
    if (count == 0) continue;
    const auto first = begin / batch_rows;
    const auto available = (begin + count - 1) / batch_rows - first + 1;
    const auto taken =
        share >= count ? available : std::min(available, (share + batch_rows - 1) / batch_rows);
    for (int64_t i = 0; i < taken; ++i) batches.insert(first + i * available / taken);
    begin += count;
  }
  return {batches.begin(), batches.end()};
}

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
  batches_ = pick_batches(loader_->report().source_rows, config.evaluate.rows, micro_batch_rows_);
}

LossTable HeldOut::run(const LossFunction& loss, const at::Device& device) {
  const at::NoGradGuard no_grad;
  LossTable table(languages().size());
  auto place = loader_->state();
  for (const auto index : batches_) {
    place.rows = index * micro_batch_rows_;
    loader_->restore(place);
    const auto batch = loader_->next();
    if (batch.weight > 0) table.add(batch, loss(batch.to(device)).losses);
  }
  group_.sum(table.sums());
  return table;
}

}  // namespace reka::train
