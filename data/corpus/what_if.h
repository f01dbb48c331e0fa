#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "data/corpus/rules.h"
#include "data/corpus/signal_file.h"

namespace reka::data {

/// The rules of the build, beside the shards.
inline constexpr std::string_view kRulesName = "rules.yaml";

/// What rules keep and drop, from the columns of signals alone: before duplicates and evaluation
/// sets are looked for.
struct RuleCounts {
  struct Count {
    int64_t documents = 0;
    int64_t bytes = 0;

    void add(int64_t text_bytes) {
      ++documents;
      bytes += text_bytes;
    }
  };
  struct OfRule {
    std::string name;
    Count dropped;  // as the first rule that is broken
    Count alone;    // and no other rule would drop them
  };
  struct OfLanguage {
    Count read, kept;
  };

  Count read, kept;
  std::vector<OfRule> rules;  // in their order
  std::map<std::string, OfLanguage> languages;
};

RuleCounts count_by_rules(const RuleTable& rules, const SignalFile& signals);

/// The rules that the folder of shards was built with.
RuleTable rules_of_build(const std::filesystem::path& folder);

}  // namespace reka::data
