#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "reka/base/media.h"
#include "reka/blocks/sequence.h"

namespace reka {

/// How one media item stands in a row, from its geometry and the model's configuration alone.
/// Image and audio fill one run; a video fills one run for each (pooled) frame, and each is
/// preceded by its time as text when `times` is not empty.
struct MediaLayout {
  int64_t runs = 1;
  int64_t tokens_per_run = 0;  // placeholders in each run
  std::vector<float> times;    // seconds, one per run, or empty

  int64_t soft_tokens() const { return runs * tokens_per_run; }
};

/// One decoded media item and the runs of the row that it fills.
/// `values` is on the CPU until `to(device)`:
///   image [tiles, 3, height, width] fp32, already normalised; tiles in row-major order, the whole
///         picture last when there is more than one (paper.md 3.4)
///   video [frames, 3, height, width] fp32, already normalised
///   audio [mels, frames] fp32 log-mel
struct MediaInput {
  Modality modality = Modality::kImage;
  at::Tensor values;
  std::vector<TokenRun> runs;  // ascending, in the row's tokens
  int64_t document = 0;        // index of its document in the row
};

/// What crosses from data to the model: one or more packed rows laid end to end, no batch axis.
struct Input {
  at::Tensor tokens;  // [tokens] int64; placeholders stand where media runs are
  Sequence sequence;
  std::vector<MediaInput> media;  // by first run; empty for text, and then no encoder runs

  Input to(const at::Device& device) const;
};

/// What one document of a row is, for reports and the order hash; host memory only.
struct DocumentInfo {
  uint64_t sample_id = 0;               // content hash of the sample; 0 for the filler document
  int32_t source = -1;                  // index in Batch::source_names
  int32_t language = -1;                // index in Batch::language_names
  Modality modality = Modality::kText;  // of its first media item, text if none
  double text_bytes = 0;  // UTF-8 bytes that its targets predict; a piece has its share of them
};

/// A micro-batch: the input, what it should predict, and whose documents it holds.
struct Batch {
  Input input;
  at::Tensor targets;                   // [tokens] int64, the next token inside the document
  at::Tensor target_weight;             // [tokens] fp32, 0 where nothing is predicted
  double weight = 0;                    // sum of target_weight, on the host
  std::vector<DocumentInfo> documents;  // as many as input.sequence has
  int64_t padding = 0;                  // tokens of filler documents
  std::vector<int64_t> rows;            // number of each row in the global order
  int64_t quarantined = 0;              // samples that were found damaged when it was made
  int64_t masked = 0;                   // documents without targets for an evaluation set's words

  Batch to(const at::Device& device) const;
};

}  // namespace reka
