#include "data/corpus/dedup.h"

#include <algorithm>
#include <array>
#include <unordered_set>

namespace reka::data {
namespace {

struct LowBits {
  size_t operator()(const Hash128& hash) const { return hash.low; }
};

}  // namespace

Hash128 content_hash(const Document& document) {
  Hasher hasher;
  const auto add = [&](char kind, std::string_view bytes) {
    const auto size = bytes.size();
    hasher.update(std::string_view(&kind, 1));
    hasher.update(std::as_bytes(std::span(&size, 1)));
    hasher.update(bytes);
  };
  for (const auto& part : document.parts) {
    switch (part.kind) {
      case Part::Kind::kText:
        add(part.target ? 't' : 'c', part.text);
        break;
      case Part::Kind::kSpecial:
        add('s', part.text);
        break;
      case Part::Kind::kMedia:
        add('m', document.media.at(part.media).bytes);
        break;
    }
  }
  return hasher.hash128();
}

std::vector<bool> first_of_each(std::span<const DocumentMark> marks) {
  std::vector<bool> kept(marks.size());
  std::unordered_set<Hash128, LowBits> seen;
  seen.reserve(marks.size());
  for (const auto side : {Split::kTrain, Split::kDev, Split::kTest}) {
    for (size_t n = 0; n < marks.size(); ++n) {
      if (marks[n].split == side) kept[n] = seen.insert(marks[n].content).second;
    }
  }
  return kept;
}

void for_each_line(std::string_view text, const std::function<void(std::string_view)>& use) {
  for (size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find('\n', begin), text.size());
    if (end > begin) use(text.substr(begin, end - begin));
    begin = end + 1;
  }
}

HeldOutLines::HeldOutLines(std::vector<uint64_t> hashes) : hashes_(std::move(hashes)) {
  std::sort(hashes_.begin(), hashes_.end());
  hashes_.erase(std::unique(hashes_.begin(), hashes_.end()), hashes_.end());
  seen_ = std::make_unique<std::atomic<bool>[]>(hashes_.size());
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

}  // namespace reka::data
