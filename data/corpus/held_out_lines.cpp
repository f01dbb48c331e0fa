#include "data/corpus/held_out_lines.h"

#include <algorithm>

#include "data/corpus/each_line.h"
#include "data/corpus/normalize.h"

namespace reka::data {

HeldOutLines::HeldOutLines(const HeldOutLinesConfig& config, std::vector<uint64_t> hashes)
    : config_(config), hashes_(std::move(hashes)) {
  std::sort(hashes_.begin(), hashes_.end());
  hashes_.erase(std::unique(hashes_.begin(), hashes_.end()), hashes_.end());
  seen_.resize(hashes_.size());
}

void HeldOutLines::run(Selection& selection) {
  if (hashes_.empty()) return;
  using Found = std::vector<uint64_t>;
  selection.visit<Found>(
      "comparing",
      [&](size_t number, Document&& document) {
        Found found;
        if (!selection.trains_on(number)) return found;
        for (const auto& part : document.parts) {
          if (part.kind != Part::Kind::kText) continue;
          for_each_line(part.text, [&](std::string_view line) {
            if (const auto place = find(line)) found.push_back(*place);
          });
        }
        return found;
      },
      [this](size_t, Found&& found) {
        for (const auto place : found) seen_[place] = true;
      });
  selection.add_edit("held-out lines in training", [this](size_t, Document& document) {
    return document.split == Split::kTrain || !document.media.empty() || document.whole
               ? 0
               : drop_seen_lines(document);
  });
}

std::optional<uint64_t> HeldOutLines::find(std::string_view line) const {
  const auto hash = xxh3_64(line);
  const auto found = std::lower_bound(hashes_.begin(), hashes_.end(), hash);
  if (found == hashes_.end() || *found != hash) return std::nullopt;
  return static_cast<uint64_t>(found - hashes_.begin());
}

bool HeldOutLines::seen(std::string_view line) const {
  const auto place = find(line);
  return place && seen_[*place];
}

int64_t HeldOutLines::drop_seen_lines(Document& document) const {
  int64_t dropped = 0;
  for (auto& part : document.parts) {
    if (part.kind != Part::Kind::kText) continue;
    dropped += drop_lines(part.text, [&](std::string_view line) {
      return count_characters(line) >= config_.min_characters && seen(line);
    });
  }
  return dropped;
}

}  // namespace reka::data
