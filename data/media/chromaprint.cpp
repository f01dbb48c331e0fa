#include "data/media/chromaprint.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <mutex>

#include <c10/util/Exception.h>
#include <chromaprint.h>

#include "reka/model/media_input.h"

namespace reka::data {
namespace {

struct ChromaprintFree {
  void operator()(ChromaprintContext* context) const { chromaprint_free(context); }
  void operator()(uint32_t* items) const { chromaprint_dealloc(items); }
};

// Where the library was built with FFTW its users must lock these two calls (chromaprint.h).
std::mutex& fftw_mutex() {
  static std::mutex mutex;
  return mutex;
}

using ContextPtr = std::unique_ptr<ChromaprintContext, ChromaprintFree>;

ContextPtr start() {
  const std::lock_guard lock(fftw_mutex());
  ContextPtr context(chromaprint_new(CHROMAPRINT_ALGORITHM_DEFAULT));
  TORCH_CHECK(context != nullptr && chromaprint_start(context.get(), kSampleRate, 1) == 1,
              "chromaprint: cannot be started");
  return context;
}

void stop(ContextPtr context) {
  const std::lock_guard lock(fftw_mutex());
  context.reset();
}

}  // namespace

std::vector<uint32_t> chromaprint(std::span<const float> samples) {
  std::vector<int16_t> rounded(samples.size());
  std::ranges::transform(samples, rounded.begin(), [](float sample) {
    return static_cast<int16_t>(std::lround(std::clamp(sample, -1.0F, 1.0F) * 32767));
  });
  auto context = start();
  uint32_t* raw = nullptr;
  int count = 0;
  const bool is_made =
      chromaprint_feed(context.get(), rounded.data(), static_cast<int>(rounded.size())) == 1 &&
      chromaprint_finish(context.get()) == 1 &&
      chromaprint_get_raw_fingerprint(context.get(), &raw, &count) == 1;
  const std::unique_ptr<uint32_t, ChromaprintFree> items(raw);
  stop(std::move(context));
  if (!is_made || count < static_cast<int>(kLeastChromaprintItems)) return {};
  return {raw, raw + count};
}

}  // namespace reka::data
