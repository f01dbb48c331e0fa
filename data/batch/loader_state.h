#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "data/batch/order.h"
#include "reka/base/json.h"

namespace reka::data {

/// All that a resumed training needs, the same on every rank and for every number of ranks.
struct LoaderState {
  int64_t rows = 0;                             // global rows already given out
  std::string plan;                             // hash of all that decides what row g is
  std::map<std::string, SourceCursor> started;  // where the sources began at row 0
  std::map<std::string, SourceCursor> next;     // where they go on under another plan

  Json to_json() const;
  static LoaderState from_json(const Json& json, std::string_view place);
  bool operator==(const LoaderState&) const = default;
};

}  // namespace reka::data
