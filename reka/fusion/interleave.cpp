#include "reka/fusion/interleave.h"

#include <algorithm>
#include <numeric>

#include <ATen/ops/index_copy.h>

#include "reka/ops/to_device.h"

namespace reka {
namespace {

void append_range(std::vector<int64_t>& values, int64_t begin, int64_t end) {
  for (auto i = begin; i < end; ++i) values.push_back(i);
}

// Tokens [begin, end) that see the keys `seen`.
void append_segment(CrossLayout& cross, int64_t begin, int64_t end,
                    const std::vector<int64_t>& seen) {
  if (begin == end || seen.empty()) return;
  append_range(cross.tokens, begin, end);
  cross.keys.insert(cross.keys.end(), seen.begin(), seen.end());
  cross.layout.q_starts.push_back(static_cast<int64_t>(cross.tokens.size()));
  cross.layout.kv_starts.push_back(static_cast<int64_t>(cross.keys.size()));
  cross.layout.prefixes.push_back(static_cast<int64_t>(seen.size()));
}

}  // namespace

at::Tensor interleave(const at::Tensor& embedded, const at::Tensor& soft,
                      const std::vector<TokenRun>& runs) {
  std::vector<int64_t> places;
  for (const auto& run : runs) append_range(places, run.begin, run.begin + run.length);
  TORCH_CHECK(static_cast<int64_t>(places.size()) == soft.size(0), "interleave: ", soft.size(0),
              " soft tokens for ", places.size(), " places");
  return embedded.index_copy(0, ops::to_device(places, embedded.device()),
                             soft.to(embedded.scalar_type()));
}

CrossLayout cross_layout(std::vector<StateRange> ranges, const Sequence& sequence, int64_t memory) {
  std::sort(ranges.begin(), ranges.end(),
            [](const StateRange& a, const StateRange& b) { return a.token < b.token; });
  CrossLayout cross{.layout = {.q_starts = {0}, .kv_starts = {0}}};
  auto next = ranges.begin();
  for (int64_t d = 0; d < sequence.documents(); ++d) {
    std::vector<int64_t> seen(static_cast<size_t>(memory));
    std::iota(seen.begin(), seen.end(), 0);
    auto begin = sequence.starts[d];
    const auto end = sequence.starts[d + 1];
    for (; next != ranges.end() && next->token < end; ++next) {
      append_segment(cross, begin, next->token, seen);
      begin = next->token;
      append_range(seen, memory + next->begin, memory + next->end);
    }
    append_segment(cross, begin, end, seen);
  }
  return cross;
}

}  // namespace reka
