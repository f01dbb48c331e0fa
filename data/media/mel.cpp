#include "data/media/mel.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <ATen/TensorOperators.h>
#include <ATen/ops/hann_window.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/maximum.h>
#include <ATen/ops/stft.h>
#include <ATen/ops/zeros.h>

#include "reka/model/media_input.h"

namespace reka::data {
namespace {

constexpr int64_t kWindow = 400;  // samples: 25 ms
constexpr int64_t kBins = kWindow / 2 + 1;

// Slaney's scale: linear up to 1 kHz at mel 15, then a factor of 6.4 for each 27 mels.
constexpr double kLinearHz = 200.0 / 3;
constexpr double kBreakHz = 1000;
constexpr double kBreakMel = kBreakHz / kLinearHz;
const double kLogStep = std::log(6.4) / 27;

double to_hz(double mel) {
  return mel < kBreakMel ? mel * kLinearHz : kBreakHz * std::exp(kLogStep * (mel - kBreakMel));
}

double to_mel(double hz) {
  return hz < kBreakHz ? hz / kLinearHz : kBreakMel + std::log(hz / kBreakHz) / kLogStep;
}

}  // namespace

at::Tensor mel_filters(int64_t mels) {
  std::vector<double> edges;  // filter m rises from edges[m] to edges[m + 1], falls to edges[m + 2]
  const auto top = to_mel(kSampleRate / 2.0);
  for (int64_t n = 0; n < mels + 2; ++n)
    edges.push_back(to_hz(top * static_cast<double>(n) / static_cast<double>(mels + 1)));
  auto filters = at::zeros({mels, kBins}, at::kDouble);
  auto* out = filters.mutable_data_ptr<double>();
  for (size_t m = 0; m + 2 < edges.size(); ++m) {
    const auto low = edges[m], peak = edges[m + 1], high = edges[m + 2];
    for (int64_t bin = 0; bin < kBins; ++bin) {
      const auto hz = static_cast<double>(bin * kSampleRate) / kWindow;
      const auto height = std::min((hz - low) / (peak - low), (high - hz) / (high - peak));
      *out++ = std::max(height, 0.0) * 2 / (high - low);
    }
  }
  return filters;
}

at::Tensor log_mel(std::span<const float> samples, int64_t mels, int64_t pad_samples) {
  const auto count = static_cast<int64_t>(samples.size());
  const auto length =
      std::max({(count + kMelHop - 1) / kMelHop * kMelHop, 2 * kMelHop, pad_samples});
  auto x = at::zeros({length}, at::kDouble);
  std::ranges::copy(samples, x.mutable_data_ptr<double>());
  const auto window = at::hann_window(kWindow, /*periodic=*/true, at::kDouble);
  const auto spectrum = at::stft(x, kWindow, kMelHop, kWindow, window, /*center=*/true, "reflect",
                                 /*normalized=*/false, /*onesided=*/true, /*return_complex=*/true);
  const auto power = spectrum.narrow(1, 0, length / kMelHop).abs().square();  // [201, frames]
  const auto energy = at::matmul(mel_filters(mels), power).clamp_min(1e-10).log10();
  return ((at::maximum(energy, energy.max() - 8) + 4) / 4).to(at::kFloat);
}

}  // namespace reka::data
