#pragma once

#include <span>

#include <ATen/core/Tensor.h>

namespace reka::data {

/// Slaney's mel filters for a 400-point transform at 16 kHz, each of area 1: [mels, 201] fp64.
at::Tensor mel_filters(int64_t mels);

/// Whisper's log-mel of mono samples at 16 kHz -> [mels, ceil(samples / 160)] fp32, at least 2
/// columns: power of the 400-point transform (periodic Hann window, hop 160, reflected at both
/// ends, last frame dropped), mel bands, x = log10(max(power, 1e-10)), (max(x, max x - 8) + 4) / 4.
/// The samples are filled up with zeros to a multiple of 160, so every column is whole; Whisper's
/// own front end fills them up to 30 s (`pad_samples` = 480000).
/// Radford et al. 2022, arXiv:2212.04356.
at::Tensor log_mel(std::span<const float> samples, int64_t mels, int64_t pad_samples = 0);

}  // namespace reka::data
