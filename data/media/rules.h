#pragma once

#include <functional>
#include <string>

#include "data/item.h"
#include "reka/model/input.h"

namespace reka {
struct ModelConfig;
}

namespace reka::data {

/// The room that the model needs for a media item, from its geometry alone. Throws DataError for
/// one that it has no room for.
using LengthRule = std::function<MediaLayout(Modality, const Geometry&)>;

/// Decodes a media item (data/media/load.h); `runs` and `document` are filled in by the row.
/// Throws DataError when the bytes cannot be decoded.
using MediaDecoder = std::function<MediaInput(const SampleMedia&)>;

/// What rows cost a rank, in any unit, from what is known before anything is decoded.
struct CostRule {
  std::function<double(Modality, const Geometry&)> item;
  std::function<double(int64_t row_tokens)> row;  // besides its media
};

/// What the data side knows of the model's media. `id` names everything that `length` depends on:
/// plans of rows are kept under it.
struct MediaRules {
  std::string id;
  LengthRule length;
  MediaDecoder decode;
  CostRule cost;
};

MediaRules media_rules(const ModelConfig& config);

}  // namespace reka::data
