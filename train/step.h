#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "reka/model/input.h"
#include "reka/ops/cross_entropy.h"
#include "reka/parallel/group.h"
#include "train/loss/language.h"
#include "train/optimizer/adamw.h"
#include "train/optimizer/parameters.h"

namespace reka::train {

/// The loss of a micro-batch on the model's device: a sum over its targets, not divided.
using LossFunction = std::function<ops::CrossEntropy(const Batch&)>;

/// What one step is made of.
struct StepPlan {
  int64_t micro_batches = 1;  // of this rank
  int64_t row_tokens = 0;
  int64_t first_row = 0;  // global number of its first row
  int64_t rows = 0;       // over all ranks
  double lr = 0;
  double clip = 0;  // 0: none
};

struct StepResult {
  LossTable losses;          // over all ranks
  double gradient_norm = 0;  // of the mean loss, before clipping
  bool applied = false;      // false: the norm was not finite or there was no target; weights stay
  int64_t padding = 0;       // tokens of filler documents, over all ranks
  uint64_t order_hash = 0;   // of the samples in the order of global rows; 0 for no rows
  int64_t quarantined = 0;   // samples found damaged, over all ranks
  int64_t masked = 0;        // documents without targets for an evaluation set's words, likewise
};

/// One optimizer step over the global batch. Every micro-batch adds the gradient of its sum; sums
/// of gradients and of weights are reduced over ranks and divided once, so that the result does not
/// depend on how the rows are cut into micro-batches and ranks, up to rounding.
class Stepper {
 public:
  Stepper(LossFunction loss, const at::Device& device, FlatParameters& parameters, AdamW& optimizer,
          Group& group);

  /// `next` gives this rank's micro-batches on the host.
  StepResult run(const StepPlan& plan, size_t num_languages, const std::function<Batch()>& next);

 private:
  void reduce(StepResult& result, at::Tensor& counts);

  LossFunction loss_;
  at::Device device_;
  FlatParameters& parameters_;
  AdamW& optimizer_;
  Group& group_;
};

/// Hash of the samples of each row of a batch, with their places. [rows] int64.
std::vector<uint64_t> row_hashes(const Batch& batch, int64_t row_tokens);

}  // namespace reka::train
