#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "data/batch/plan.h"
#include "data/shards/sample.h"
#include "data/tokens/denoise.h"
#include "reka/model/input.h"

namespace reka::data {

/// A document as it stands in a row: what is read and predicted, and its decoded media.
struct RowDocument {
  Example example;
  std::vector<MediaInput> media;  // runs count from the document's beginning
  DocumentInfo info;

  /// Nothing of it is predicted; the others of the row never see it.
  void take_targets();
};

/// One piece of a sample, its media expanded and decoded. `seed` is of the draws of the objective.
/// Throws DataError when a medium cannot be decoded.
RowDocument make_document(const SampleView& sample, const TextPiece& piece, const RowRules& rules,
                          const MediaDecoder& decode, uint64_t seed);

/// Lays documents end to end. `filler` is the token of padding.
class BatchBuilder {
 public:
  explicit BatchBuilder(int32_t filler) : filler_(filler) {}

  void add(RowDocument&& document);
  /// A document of weight 0.
  void add_filler(int64_t tokens);
  int64_t tokens() const { return static_cast<int64_t>(tokens_.size()); }
  Batch finish();

 private:
  void append(std::span<const int32_t> tokens);

  int32_t filler_;
  std::vector<int64_t> tokens_, positions_, targets_, starts_{0}, prefix_lengths_;
  std::vector<float> weights_;
  std::vector<MediaInput> media_;
  std::vector<DocumentInfo> documents_;
  int64_t padding_ = 0;
};

/// Whole samples as one batch without a fixed row length, causal: what scoring needs. The indices
/// in DocumentInfo are those of `samples`: source is the number of the sample, language is -1.
/// Throws DataError, starting with the sample's document_id, when a medium cannot be decoded.
Batch make_batch(std::span<const Sample> samples, const Expander& expander,
                 const MediaDecoder& decode);

/// Tokens of a sample in a row, media included.
int64_t expanded_length(const Sample& sample, const Expander& expander);

/// How many of the first samples are at most `batch_tokens` long together, media included; at
/// least one.
size_t samples_that_fit(std::span<const Sample> samples, const Expander& expander,
                        int64_t batch_tokens);

/// The same sample without its own memory.
SampleView view_of(const Sample& sample);

}  // namespace reka::data
