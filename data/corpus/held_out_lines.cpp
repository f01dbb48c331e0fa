#include "data/corpus/held_out_lines.h"

#include <algorithm>

#include "data/corpus/each_line.h"

namespace reka::data {

HeldOutLines::HeldOutLines(std::vector<uint64_t> hashes) : hashes_(std::move(hashes)) {
  std::sort(hashes_.begin(), hashes_.end());
  hashes_.erase(std::unique(hashes_.begin(), hashes_.end()), hashes_.end());
  seen_ = std::make_unique<std::atomic<bool>[]>(hashes_.size());
}

void HeldOutLines::run(Selection& selection) {
  if (hashes_.empty()) return;
  selection.visit<bool>(
      "comparing",
      [&](size_t number, Document&& document) {
        if (!selection.trains_on(number)) return false;
        for (const auto& part : document.parts) {
          if (part.kind != Part::Kind::kText) continue;
          for_each_line(part.text, [&](std::string_view line) { mark_seen(line); });
        }
        return true;
      },
      [](size_t, bool) {});
  selection.add_edit("held-out lines in training", [this](size_t, Document& document) {
    return document.split == Split::kTrain || !document.media.empty() || document.whole
               ? 0
               : drop_seen_lines(document);
  });
}

void HeldOutLines::mark_seen(std::string_view line) {
  const auto found = std::lower_bound(hashes_.begin(), hashes_.end(), xxh3_64(line));
  if (found == hashes_.end() || *found != xxh3_64(line)) return;
  seen_[static_cast<size_t>(found - hashes_.begin())].store(true, std::memory_order_relaxed);
}

bool HeldOutLines::seen(std::string_view line) const {
  const auto found = std::lower_bound(hashes_.begin(), hashes_.end(), xxh3_64(line));
  return found != hashes_.end() && *found == xxh3_64(line) &&
         seen_[static_cast<size_t>(found - hashes_.begin())].load(std::memory_order_relaxed);
}

int64_t HeldOutLines::drop_seen_lines(Document& document) const {
  int64_t dropped = 0;
  for (auto& part : document.parts) {
    if (part.kind != Part::Kind::kText) continue;
    std::string rest;
    for_each_line(part.text, [&](std::string_view line) {
      if (seen(line)) {
        ++dropped;
      } else {
        rest.append(rest.empty() ? "" : "\n").append(line);
      }
    });
    part.text = std::move(rest);
  }
  return dropped;
}

}  // namespace reka::data
