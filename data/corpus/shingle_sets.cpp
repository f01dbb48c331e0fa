#include "data/corpus/shingle_sets.h"

#include <algorithm>

namespace reka::data {

std::vector<uint32_t> shingle_set(std::span<const uint64_t> shingles) {
  std::vector<uint32_t> set;
  set.reserve(shingles.size());
  for (const auto shingle : shingles) set.push_back(static_cast<uint32_t>(shingle));
  std::sort(set.begin(), set.end());
  set.erase(std::unique(set.begin(), set.end()), set.end());
  return set;
}

double jaccard(std::span<const uint32_t> a, std::span<const uint32_t> b) {
  size_t common = 0;
  for (size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    const auto x = a[i];
    const auto y = b[j];
    common += x == y ? 1 : 0;
    i += x <= y ? 1 : 0;
    j += y <= x ? 1 : 0;
  }
  const auto both = a.size() + b.size() - common;
  return both == 0 ? 0 : static_cast<double>(common) / static_cast<double>(both);
}

void ShingleSets::add(size_t document, std::span<const uint32_t> set) {
  places_[document] = {file_.append(std::as_bytes(set)), set.size()};
}

double ShingleSets::similarity(size_t a, size_t b) {
  read(a, a_);
  read(b, b_);
  return jaccard(a_, b_);
}

void ShingleSets::read(size_t document, std::vector<uint32_t>& set) const {
  set.resize(places_[document].count);
  file_.read(places_[document].offset, std::as_writable_bytes(std::span(set)));
}

}  // namespace reka::data
