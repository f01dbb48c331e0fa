#pragma once

#include <cstdint>

#include "reka/model/model.h"

namespace reka::train {

/// What generated rows are like.
struct GeneratedRows {
  int64_t rows = 1;
  int64_t row_tokens = 0;
  int64_t vocab_size = 0;
  uint64_t seed = 0;
  bool text_only = false;
};

/// Packed rows without a corpus: in each row a document for every medium that the model takes, as
/// many as fit, each with a few words, and one of text that fills the rest. Pictures have the most
/// tiles that the model takes, clips the most frames, sounds one window. Tokens and values are
/// random, and every token but those of media is predicted. The first medium of a row changes from
/// row to row. `text_only`: a document of text in each row. Throws ConfigError naming
/// data.sequence_length where a medium fits in no row.
Batch generated_batch(const ModelConfig& config, const GeneratedRows& shape);

}  // namespace reka::train
