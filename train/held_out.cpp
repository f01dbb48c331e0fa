#include "train/held_out.h"

#include <algorithm>

#include <ATen/ATen.h>

#include "data/media/rules.h"
#include "train/signals.h"

namespace reka::train {

std::vector<int64_t> pick_rows(const std::vector<int64_t>& source_rows, int64_t rows) {
  auto ascending = source_rows;
  std::sort(ascending.begin(), ascending.end());
  // What small sources leave of their share goes to the larger ones.
  int64_t share = rows == 0 ? ascending.back() : 0;
  for (size_t i = 0; i < ascending.size() && rows > 0; ++i) {
    share = rows / static_cast<int64_t>(ascending.size() - i);
    if (ascending[i] > share) break;
    rows -= ascending[i];
  }
  std::vector<int64_t> picked;
  int64_t begin = 0;
  for (const auto count : source_rows) {
    const auto taken = std::min(count, std::max<int64_t>(share, 1));
    for (int64_t i = 0; i < taken; ++i) picked.push_back(begin + i * count / taken);
    begin += count;
  }
  return picked;
}

HeldOut::HeldOut(const RunConfig& config, const std::vector<Stage>& stages,
                 const std::shared_ptr<const data::Tokenizer>& tokenizer, Group& group)
    : group_(group) {
  if (config.evaluate.every == 0) return;
  const auto sources = all_sources(config, stages, data::Split::kDev);
  if (sources.empty()) return;
  const data::LoaderConfig options = {.row_tokens = config.data.sequence_length,
                                      .rows = 1,
                                      .seed = static_cast<uint64_t>(config.run.seed),
                                      .split = data::Split::kDev,
                                      .threads = 0,
                                      .max_quarantined = config.data.max_quarantined};
  loader_ =
      std::make_unique<data::Loader>(options, sources, tokenizer, data::media_rules(config.model));
  rows_ = pick_rows(loader_->report().source_rows, config.evaluate.rows);
}

LossTable HeldOut::run(const LossFunction& loss, const at::Device& device) {
  const at::NoGradGuard no_grad;
  LossTable table(languages().size());
  auto place = loader_->state();
  const auto stride = static_cast<size_t>(group_.size());
  for (auto i = static_cast<size_t>(group_.rank()); i < rows_.size(); i += stride) {
    if (StopSignals::received() != 0) break;
    place.rows = rows_[i];
    loader_->restore(place);
    const auto batch = loader_->next();
    if (batch.weight > 0) table.add(batch, loss(batch.to(device)).losses);
  }
  group_.sum(table.sums());
  return table;
}

}  // namespace reka::train
