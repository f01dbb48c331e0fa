#pragma once

#include "reka/base/media.h"
#include "reka/model/model.h"

namespace reka {

/// Floating-point operations of the encoder for a media item, forward, from its geometry alone: 2
/// for each weight of a matrix and position, 4 width for each pair of positions that attend to each
/// other. What the fusion adds follows them closely and is not counted. The model takes the
/// modality.
double media_flops(const ModelConfig& config, Modality modality, const Geometry& geometry);

/// Of the decoder's matrices for a row, forward; the same for every row of its length.
double row_flops(const ModelConfig& config, int64_t row_tokens);

}  // namespace reka
