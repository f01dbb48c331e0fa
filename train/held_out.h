#pragma once

#include <memory>
#include <vector>

#include "data/batch/loader.h"
#include "reka/parallel/group.h"
#include "train/feed.h"
#include "train/step.h"

namespace reka::train {

/// The numbers of about `rows` held-out rows (0: all): an equal share of every source but at least
/// one, and all of those that have less, spread evenly over each. `source_rows`: how many rows each
/// source has, one after the other.
std::vector<int64_t> pick_rows(const std::vector<int64_t>& source_rows, int64_t rows);

/// Loss on held-out rows (the dev split) of the sources of all stages: the same rows every time,
/// for every number of ranks.
class HeldOut {
 public:
  HeldOut(const RunConfig& config, const std::vector<Stage>& stages,
          const std::shared_ptr<const data::Tokenizer>& tokenizer, Group& group);

  /// Sums over all ranks. Languages as in languages(). A signal to stop ends it early; the sums are
  /// of no use then.
  LossTable run(const LossFunction& loss, const at::Device& device);

  bool empty() const { return !loader_; }  // there is no held-out data
  const std::vector<std::string>& languages() const { return loader_->language_names(); }

 private:
  Group& group_;
  std::vector<int64_t> rows_;  // that are taken
  std::unique_ptr<data::Loader> loader_;
};

}  // namespace reka::train
