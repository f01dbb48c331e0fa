#pragma once

#include <vector>

#include "reka/blocks/embedding.h"
#include "reka/encoders/encoder.h"

namespace reka {

struct VideoConfig {
  Choice positions{"learned", {"learned", "sin_cos"}};
  double init_std = 0.02;

  void describe(auto& field) {
    field("positions", positions, "where a frame is in its clip: learned vectors or fixed waves");
    field("init_std", init_std, "standard deviation of new positions", positive);
  }
};

/// Frames that went through the image encoder learn their place in the clip and are averaged in
/// groups of `pooling` consecutive frames, position by position; the last group may be smaller.
class VideoImpl : public torch::nn::Module {
 public:
  struct Shape {
    int64_t width = 0;       // of the image encoder
    int64_t max_frames = 0;  // of a clip
    int64_t pooling = 1;
  };
  VideoImpl(const VideoConfig& config, const Shape& shape);

  /// frames: the items of all clips in order, the frames of a clip with one grid; clips: how many
  /// each has -> one item for each group of frames.
  Features forward(const Features& frames, const std::vector<int64_t>& clips);

 private:
  at::Tensor positions(int64_t frames, const at::Device& device);

  Shape shape_;
  Embedding frame_{nullptr};  // empty for sin_cos
};
TORCH_MODULE(Video);

}  // namespace reka
