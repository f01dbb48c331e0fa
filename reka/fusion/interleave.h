#pragma once

#include <vector>

#include "reka/blocks/sequence.h"
#include "reka/encoders/encoder.h"
#include "reka/fusion/cross_attention.h"

namespace reka {

/// The media of one pass that went through one encoder; the runs share out the items in order.
struct EncodedMedia {
  Features features;
  std::vector<TokenRun> runs;
  std::vector<int64_t> run_items;  // how many items of the features each run stands for
};

/// The row with soft tokens written at the runs, in order; embedded [tokens, dim],
/// soft [sum of lengths, dim] -> [tokens, dim].
at::Tensor interleave(const at::Tensor& embedded, const at::Tensor& soft,
                      const std::vector<TokenRun>& runs);

/// Where a run is among the states of all media of a pass, which lie in the order of the encoders.
struct StateRange {
  int64_t token = 0;  // its first placeholder in the row
  int64_t begin = 0;  // its first position in the states
  int64_t end = 0;
};

/// Which tokens see which media: each token the media of its own document that begin before or at
/// it, and all of `memory` positions from earlier passes, which come before the states.
struct CrossLayout {
  std::vector<int64_t> tokens;  // that see any, ascending; others are left out of the layer
  std::vector<int64_t> keys;    // positions in memory + states, one copy for each use
  ops::AttentionLayout layout;  // of those
};
CrossLayout cross_layout(std::vector<StateRange> ranges, const Sequence& sequence, int64_t memory);

}  // namespace reka
