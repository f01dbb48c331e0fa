#include "reka/encoders/video.h"

#include <algorithm>

#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>

namespace reka {

VideoImpl::VideoImpl(const VideoConfig& config, const Shape& shape) : shape_(shape) {
  if (config.positions == "learned") {
    frame_ = register_module("frame", Embedding(shape.max_frames, shape.width, config.init_std));
  }
}

at::Tensor VideoImpl::positions(int64_t frames, const at::Device& device) {
  TORCH_CHECK(frames <= shape_.max_frames, "video: a clip of ", frames, " frames: the model takes ",
              shape_.max_frames);
  if (frame_.is_empty()) return sinusoid(frames, shape_.width, device);
  return frame_(at::arange(frames, at::TensorOptions(at::kLong).device(device)));
}

Features VideoImpl::forward(const Features& frames, const std::vector<int64_t>& clips) {
  Features pooled;
  std::vector<at::Tensor> groups;
  const auto starts = frames.starts();
  int64_t item = 0;
  for (const auto count : clips) {
    const auto grid = frames.grids.at(item);
    TORCH_CHECK(std::all_of(frames.grids.begin() + item, frames.grids.begin() + item + count,
                            [&](const Grid& other) { return other == grid; }),
                "video: the frames of a clip differ in size");
    auto clip = frames.values.narrow(0, starts[item], count * grid.positions())
                    .view({count, grid.positions(), shape_.width});  // [F, P, D]
    clip = clip + positions(count, clip.device()).to(clip.dtype()).unsqueeze(1);
    for (int64_t begin = 0; begin < count; begin += shape_.pooling) {
      const auto length = std::min(shape_.pooling, count - begin);
      groups.push_back(length == 1 ? clip[begin] : clip.narrow(0, begin, length).mean(0));
      pooled.grids.push_back(grid);
    }
    item += count;
  }
  pooled.values = at::cat(groups);
  return pooled;
}

}  // namespace reka
