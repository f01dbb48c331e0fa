#include "reka/fusion/fusion.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "reka/ops/embedding.h"

namespace reka {
namespace {

// resampler and pool_mlp: one part for pictures and frames, one for sound.
class SoftTokenFusion : public Fusion {
 public:
  template <typename Config>
  SoftTokenFusion(const Config& config, const FusionShape& shape) {
    const auto counts = config.counts();
    const auto build = [&](int64_t width, const Grid& tokens) {
      return config.build({.width = width,
                           .dim = shape.decoder.dim,
                           .tokens = tokens,
                           .recompute = shape.recompute});
    };
    if (shape.vision_width > 0) {
      vision_ = register_module("vision", build(shape.vision_width, counts.picture));
    }
    if (shape.audio_width > 0) {
      audio_ = register_module("audio", build(shape.audio_width, counts.window));
    }
  }

  FusedRow fuse(const at::Tensor& embedded, const PassMedia& media, const Sequence& /*sequence*/,
                MediaMemory* /*memory*/) override {
    auto row = embedded;
    for (const auto& [part, encoded] :
         {std::pair(vision_, &media.vision), std::pair(audio_, &media.audio)}) {
      if (!encoded->runs.empty()) {
        row = interleave(row, part->forward(encoded->features), encoded->runs);
      }
    }
    return {.embedded = row, .between = {}};
  }

 private:
  std::shared_ptr<SoftTokens> vision_, audio_;
};

}  // namespace

int64_t TokenCounts::windows(double seconds) const {
  if (window_seconds <= 0) return 1;
  // Sound of exactly n windows must not become n + 1 by rounding.
  return std::max<int64_t>(1, static_cast<int64_t>(std::ceil(seconds / window_seconds - 1e-4)));
}

TokenCounts token_counts(const FusionConfig& config) {
  return std::visit([](const auto& choice) { return choice.counts(); },
                    static_cast<const FusionConfig::variant&>(config));
}

std::shared_ptr<Fusion> make_fusion(const FusionConfig& config, const FusionShape& shape) {
  const auto make = [&]<typename Config>(const Config& choice) -> std::shared_ptr<Fusion> {
    if constexpr (requires { choice.build({}); }) {
      return std::make_shared<SoftTokenFusion>(choice, shape);
    } else {
      return make_gated_fusion(choice, shape);
    }
  };
  return std::visit(make, static_cast<const FusionConfig::variant&>(config));
}

Features split_windows(const Features& clips, const std::vector<int64_t>& windows) {
  if (std::all_of(windows.begin(), windows.end(), [](int64_t count) { return count == 1; })) {
    return clips;
  }
  Features split;
  std::vector<int64_t> rows;
  const auto starts = clips.starts();
  for (size_t clip = 0; clip < windows.size(); ++clip) {
    const auto positions = clips.grids[clip].positions();
    for (int64_t i = 0; i < windows[clip]; ++i) {
      const auto begin = std::min(i * positions / windows[clip], positions - 1);
      const auto end = std::max((i + 1) * positions / windows[clip], begin + 1);
      for (auto p = begin; p < end; ++p) rows.push_back(starts[clip] + p);
      split.grids.push_back({.rows = 1, .columns = end - begin});
    }
  }
  split.values = ops::gather_rows(clips.values, rows);
  return split;
}

}  // namespace reka
