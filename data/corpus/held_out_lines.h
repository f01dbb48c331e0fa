#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "data/corpus/stage.h"

namespace reka::data {

/// The lines of held-out texts, and which of them stand in training text too, word for word: those
/// are taken out of the held-out texts. Chats and texts with media stay as they are.
class HeldOutLines : public Stage {
 public:
  explicit HeldOutLines(std::vector<uint64_t> hashes);  // xxh3_64 of each line, in any order

  void run(Selection& selection) override;
  std::string name() const override { return "held_out_lines"; }

  bool seen(std::string_view line) const;

 private:
  std::optional<uint64_t> find(std::string_view line) const;  // in hashes_
  int64_t drop_seen_lines(Document& document) const;

  std::vector<uint64_t> hashes_;
  std::vector<bool> seen_;
};

}  // namespace reka::data
