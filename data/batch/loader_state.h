#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "data/batch/quarantine.h"
#include "data/batch/source_order.h"
#include "reka/base/json.h"

namespace reka::data {

/// A source's part in a mixture.
struct MixtureShare {
  std::string name;
  int64_t weight = 1;
  int64_t repeat = 0;  // epochs at most; 0: no limit
  bool operator==(const MixtureShare&) const = default;
};

/// All that a resumed training needs, the same on every rank and for every number of ranks.
struct LoaderState {
  int64_t rows = 0;                             // global rows already given out
  std::string plan;                             // hash of all that decides what row g is
  std::map<std::string, SourceCursor> started;  // where the sources began at row 0
  std::map<std::string, SourceCursor> next;     // where they go on under another plan
  std::vector<MixtureShare> mixture;            // of this plan
  std::vector<Quarantined> quarantined;         // in the rows given out so far, of all plans

  Json to_json() const;
  static LoaderState from_json(const Json& json, std::string_view place);
  bool operator==(const LoaderState&) const = default;
};

}  // namespace reka::data
