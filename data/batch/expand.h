#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "data/media/rules.h"
#include "data/shards/format.h"
#include "data/shards/sample.h"
#include "data/tokens/tokenizer.h"
#include "reka/model/input.h"

namespace reka::data {

/// A sample with its media at their full length.
struct Expanded {
  std::vector<int32_t> tokens;
  std::vector<TargetRun> targets;            // of these tokens
  std::vector<std::vector<TokenRun>> media;  // the runs of each item
};

/// Puts the placeholders of the model's soft tokens in the place of the single one in the shard.
/// Image and audio: one run. Video: for each run, between the marks of the video,
///   t=1.5s<image> placeholders </image>\n
/// with the time only where the layout has times. What is put in is never predicted.
class Expander {
 public:
  Expander(std::shared_ptr<const Tokenizer> tokenizer, LengthRule length);

  /// Tokens of a sample in a row, from what the index of a shard says.
  int64_t length(int64_t num_tokens, std::span<const MediaRecord> media) const;
  Expanded expand(std::span<const int32_t> tokens, std::span<const TargetRun> targets,
                  std::span<const SampleMedia> media) const;

  const Tokenizer& tokenizer() const { return *tokenizer_; }

 private:
  /// Appends what stands for one item and returns its runs.
  std::vector<TokenRun> append(const SampleMedia& item, int32_t placeholder,
                               std::vector<int32_t>& tokens) const;
  std::vector<int32_t> time_text(const MediaLayout& layout, int64_t run) const;
  MediaLayout layout(Modality modality, const Geometry& geometry) const;

  std::shared_ptr<const Tokenizer> tokenizer_;
  LengthRule length_;
  int32_t image_begin_, image_end_;
  std::vector<int32_t> newline_;
};

}  // namespace reka::data
