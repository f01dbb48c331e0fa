#pragma once

#include <memory>

#include "data/batch/loader.h"
#include "reka/parallel/group.h"
#include "train/feed.h"
#include "train/step.h"

namespace reka::train {

/// Loss on held-out rows (the dev split), the same ones every time, spread evenly over the sources.
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
  int64_t all_batches_ = 0;
  int64_t batches_ = 0;  // that are taken
  std::unique_ptr<data::Loader> loader_;
};

}  // namespace reka::train
