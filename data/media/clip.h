#pragma once

#include <cstdint>
#include <span>
#include <string>

#include <ATen/core/Tensor.h>

namespace reka::data {

/// Frames RGB uint8 [3, H, W], all of one size, H and W even -> a WebM file (VP8: its encoder is
/// free software in every FFmpeg, and every browser plays it). Equal frames give equal bytes.
std::string encode_clip(std::span<const at::Tensor> frames, int frames_per_second);

}  // namespace reka::data
