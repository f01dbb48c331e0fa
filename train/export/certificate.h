#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "data/tokens/tokenizer.h"
#include "reka/base/json.h"
#include "reka/model/model_folder.h"
#include "train/export/export.h"

namespace reka::train {

/// What was found when an exported folder was read back and held against its source.
struct Certificate {
  double max_logit_difference = 0;  // source, rounded as exported, against the written-out formulas
  double reload_logit_difference = 0;  // source against the folder opened as a MODEL
  int64_t logits_compared = 0;
  int64_t media_tensors_equal = 0;  // encoders and fusion, bit for bit
  int64_t texts_tokenized_equal = 0;
  std::vector<int64_t> stop_ids;
  std::string chat_template_hash;  // XXH3-64

  Json to_json() const;
};

/// The largest difference of logits that passes.
inline constexpr double kLogitTolerance = 1e-3;

/// Throws CheckpointError naming the first thing that differs; else writes certificate.json into
/// the folder.
Certificate verify_export(const ModelFolder& source, const data::Tokenizer& tokenizer,
                          const std::filesystem::path& exported, const ExportOptions& options);

}  // namespace reka::train
