#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include <ATen/Parallel.h>
#include <time.h>

namespace reka::bench {

/// Milliseconds of the wall clock; of the processor where one thread works (OMP_NUM_THREADS=1), so
/// that other programs matter little.
inline double now_ms() {
  timespec now{};
  clock_gettime(at::get_num_threads() == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &now);
  return 1e3 * static_cast<double>(now.tv_sec) + 1e-6 * static_cast<double>(now.tv_nsec);
}

/// Milliseconds of the fastest of `repeats` calls, after one that is not counted.
template <typename Work>
double best_ms(const Work& work, int repeats = 10) {
  work();
  double best = 1e30;
  for (int i = 0; i < repeats; ++i) {
    const auto begin = now_ms();
    work();
    best = std::min(best, now_ms() - begin);
  }
  return best;
}

/// Starts of documents that fill `tokens`: lengths drawn evenly on a logarithmic scale from 16 to
/// 1024, always the same.
inline std::vector<int64_t> mixed_documents(int64_t tokens) {
  std::vector<int64_t> starts{0};
  uint32_t state = 1;
  while (starts.back() < tokens) {
    state = state * 1664525 + 1013904223;
    const auto length =
        static_cast<int64_t>(16 << (state >> 24) % 7) * (64 + (state >> 16) % 64) / 96;
    starts.push_back(std::min(tokens, starts.back() + length));
  }
  return starts;
}

}  // namespace reka::bench
