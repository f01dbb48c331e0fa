#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/corpus/prepare.h"
#include "reka/base/json.h"

namespace reka::data::bench {

/// How fast one thread normalises texts, tells their language and measures all signals, without
/// reading them: the median of `repeats`, in seconds of processor time.
struct FiltersResult {
  int64_t documents = 0;
  int64_t text_bytes = 0;
  double seconds = 0;

  Json json() const;
};

FiltersResult measure_filters(const std::vector<std::string>& texts, const PrepareConfig& config,
                              int64_t repeats);

}  // namespace reka::data::bench
