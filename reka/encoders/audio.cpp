#include "reka/encoders/audio.h"

#include <algorithm>

#include <ATen/ops/cat.h>
#include <ATen/ops/gelu.h>

#include "reka/ops/embedding.h"

namespace reka {
namespace {

struct Lengths {
  std::vector<int64_t> of_clips;

  int64_t longest() const { return *std::max_element(of_clips.begin(), of_clips.end()); }
};

// The rows of x [sum of lengths, width] that a convolution of width 3 with one row of zeros on
// either side of each clip reads -> [outputs, 3 width].
at::Tensor windows(const at::Tensor& x, const Lengths& lengths, int64_t stride) {
  std::vector<int64_t> rows;
  int64_t begin = 0;
  for (const auto length : lengths.of_clips) {
    for (int64_t centre = 0; centre < length; centre += stride) {
      for (auto row = centre - 1; row <= centre + 1; ++row) {
        rows.push_back(row < 0 || row >= length ? -1 : begin + row);
      }
    }
    begin += length;
  }
  return ops::gather_rows(x, rows).view({-1, 3 * x.size(1)});
}

}  // namespace

WhisperImpl::WhisperImpl(const WhisperConfig& config, int64_t mels, bool recompute)
    : config_(config), mels_(mels) {
  const auto& shape = config.transformer;
  const LinearOptions options{.bias = true, .init_std = shape.init_std};
  conv1_ = register_module("conv1", Linear(3 * mels, shape.width, options));
  conv2_ = register_module("conv2", Linear(3 * shape.width, shape.width, options));
  transformer_ = register_module("transformer", Transformer(shape, recompute));
}

Features WhisperImpl::forward(const std::vector<at::Tensor>& clips) {
  Lengths frames;
  Features features;
  std::vector<at::Tensor> rows;
  for (const auto& clip : clips) {
    TORCH_CHECK(clip.dim() == 2 && clip.size(0) == mels_ && clip.size(1) > 0, "audio: clip is ",
                clip.sizes(), ": must be [", mels_, ", frames]");
    rows.push_back(clip.t());
    frames.of_clips.push_back(clip.size(1));
    features.grids.push_back({.rows = 1, .columns = (clip.size(1) + 1) / 2});
  }
  const auto mel = at::cat(rows).to(conv1_->weight.scalar_type());  // [frames, mels]
  auto x = at::gelu(conv1_(windows(mel, frames, 1)));
  x = at::gelu(conv2_(windows(x, frames, 2)));
  const auto table = sinusoid((frames.longest() + 1) / 2, width(), x.device()).to(x.dtype());
  std::vector<at::Tensor> positions;
  for (const auto& grid : features.grids) positions.push_back(table.narrow(0, 0, grid.columns));
  features.values = transformer_(x + at::cat(positions), features.starts());
  return features;
}

}  // namespace reka
