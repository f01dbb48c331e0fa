#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace reka::data {
namespace detail {

// Numbers that are ordered as the values are.
inline uint32_t order_of(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  return (bits & 0x80000000U) != 0 ? ~bits : bits | 0x80000000U;
}
inline float value_of_order(uint32_t order) {
  return std::bit_cast<float>((order & 0x80000000U) != 0 ? order & 0x7FFFFFFFU : ~order);
}

// In which bucket the k-th is, and its place there.
inline std::pair<uint32_t, uint64_t> bucket_of(const std::vector<uint64_t>& counts, uint64_t k) {
  uint32_t at = 0;
  while (k >= counts[at]) k -= counts[at++];
  return {at, k};
}

}  // namespace detail

/// The k-th smallest values (k = 0: the least), of values that are gone through twice: by their
/// upper 16 bits, then by the lower ones of those with an upper half that is wanted.
/// for_each_value(use) calls use(float) for each, none of them NaN; there are more than any k.
/// Memory: 512 kB, and as much for each different upper half that is wanted.
template <typename ForEach>
std::vector<float> kth_smallest(const std::vector<uint64_t>& ks, const ForEach& for_each_value) {
  constexpr size_t kBuckets = 65536;
  std::vector<uint64_t> uppers(kBuckets);
  for_each_value([&](float value) { ++uppers[detail::order_of(value) >> 16]; });
  std::map<uint32_t, std::vector<uint64_t>> lowers;
  for (const auto k : ks) lowers[detail::bucket_of(uppers, k).first].resize(kBuckets);
  for_each_value([&](float value) {
    const auto order = detail::order_of(value);
    if (const auto found = lowers.find(order >> 16); found != lowers.end())
      ++found->second[order & 0xFFFF];
  });
  std::vector<float> values;
  for (const auto k : ks) {
    const auto [upper, place] = detail::bucket_of(uppers, k);
    const auto lower = detail::bucket_of(lowers.at(upper), place).first;
    values.push_back(detail::value_of_order(upper << 16 | lower));
  }
  return values;
}

}  // namespace reka::data
