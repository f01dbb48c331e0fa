#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "eval/scorer.h"
#include "reka/base/config.h"

namespace reka::eval {

/// Bits per byte on held-out samples, by language, source and modality.
struct HeldOutConfig {
  static constexpr auto kName = "held_out";
  Choice split{"test", {"dev", "test"}};
  int64_t tokens_per_group = 1000;
  std::vector<std::string> sources;

  void describe(auto& field) {
    field("split", split, "which held-out samples");
    field("tokens_per_group", tokens_per_group,
          "at most about so many target tokens of each language in each source", positive);
    field("sources", sources, "only these sources; empty for all");
  }
};

/// Sums over samples; sums add up over ranks and groups before they are divided.
struct HeldOutSum {
  double nats = 0;
  int64_t tokens = 0;
  int64_t bytes = 0;
  int64_t samples = 0;

  void add(const Score& score, int64_t text_bytes);
  double bits_per_byte() const;   // 0 when there are no bytes
  double nats_per_token() const;  // 0 when there are no tokens
};

struct HeldOutResult {
  HeldOutSum all;
  std::map<std::string, HeldOutSum> by_language;
  std::map<std::string, HeldOutSum> by_source;
  std::map<std::string, HeldOutSum> by_modality;
};

HeldOutResult score_held_out(const std::vector<data::Sample>& samples, const Scorer& scorer);

}  // namespace reka::eval
