#pragma once

#include <string>

#include "reka/base/media.h"
#include "reka/model/input.h"
#include "reka/model/model.h"

namespace reka {

/// The room of a media item in a row, from its geometry and the model's configuration alone:
/// exactly what the encoders and the fusion make of it. Throws ConfigError for a medium that the
/// model does not take, DataError for one that is too long.
MediaLayout media_layout(const ModelConfig& config, Modality modality, const Geometry& geometry);

/// Names everything that media_layout depends on: equal texts, equal layouts.
std::string layout_rule(const ModelConfig& config);

}  // namespace reka
