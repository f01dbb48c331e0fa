#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include <ATen/core/Tensor.h>

#include "reka/base/media.h"

namespace reka::data {

// `name` stands first in the DataErrors of everything here.

/// Width and height as shown, number of frames and seconds, from the container's packets: nothing
/// is decoded.
Geometry read_video_geometry(std::span<const std::byte> bytes, std::string_view name);

/// What is kept of a frame.
using KeepFrame = std::function<at::Tensor(const at::Tensor& frame)>;

/// The frames that are shown at `times` (ascending, seconds after the first frame), each RGB uint8
/// [3, height, width], upright, transparency composited on white; or what `keep` makes of each as
/// it comes, so that no more than one is there at full size.
std::vector<at::Tensor> decode_frames(std::span<const std::byte> bytes,
                                      std::span<const float> times, std::string_view name,
                                      const KeepFrame& keep = {});

}  // namespace reka::data
