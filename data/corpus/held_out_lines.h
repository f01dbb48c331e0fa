#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "data/corpus/stage.h"
#include "reka/base/config.h"

namespace reka::data {

struct KeepHeldOutLinesConfig {
  static constexpr std::string_view kName = "keep";

  void describe(auto&) {}
};

struct HeldOutLinesConfig {
  static constexpr std::string_view kName = "unseen";
  int64_t min_characters = 20;

  void describe(auto& field) {
    field("min_characters", min_characters, "shorter lines stay, also where training has them",
          at_least(1));
  }
};

/// The lines of held-out texts, and which of them stand in training text too, word for word: those
/// are taken out of the held-out texts. Chats and texts with media stay as they are.
class HeldOutLines : public Stage {
 public:
  /// `hashes`: xxh3_64 of each line, in any order.
  HeldOutLines(const HeldOutLinesConfig& config, std::vector<uint64_t> hashes);

  void run(Selection& selection) override;
  std::string name() const override { return "held_out_lines"; }

  bool seen(std::string_view line) const;

 private:
  std::optional<uint64_t> find(std::string_view line) const;  // in hashes_
  int64_t drop_seen_lines(Document& document) const;

  HeldOutLinesConfig config_;
  std::vector<uint64_t> hashes_;
  std::vector<bool> seen_;
};

}  // namespace reka::data
