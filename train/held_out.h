#pragma once

#include <memory>
#include <vector>

#include "data/batch/loader.h"
#include "reka/parallel/group.h"
#include "train/feed.h"
#include "train/step.h"

namespace reka::train {

/// The batches of `batch_rows` rows, by number, that measure about `rows` held-out rows (0: all):
/// an equal share of every source, and all of those that have less, spread evenly over each.
/// `source_rows`: how many rows each source has, one after the other.
std::vector<int64_t> pick_batches(const std::vector<int64_t>& source_rows, int64_t rows,
                                  int64_t batch_rows);

/// Loss on held-out rows (the dev split), the same ones every time.
class HeldOut {
 public:
  HeldOut(const RunConfig& config, std::shared_ptr<const data::Tokenizer> tokenizer,
          int64_t micro_rows, Group& group);

  /// Sums over all ranks. Languages as in languages().
  LossTable run(const LossFunction& loss, const at::Device& device);

  bool empty() const { return !loader_; }  // there is no held-out data
  const std::vector<std::string>& languages() const { return loader_->language_names(); }

 private:
  Group& group_;
  int64_t micro_batch_rows_ = 0;  // over all ranks
  std::vector<int64_t> batches_;  // that are taken
  std::unique_ptr<data::Loader> loader_;
};

}  // namespace reka::train
