#include "data/batch/cluster_repeats.h"

#include <charconv>
#include <optional>

#include <fmt/format.h>

namespace reka::data {
namespace {

std::optional<uint32_t> number_of(const std::string& key) {
  uint32_t number = 0;
  const auto* end = key.data() + key.size();
  const auto parsed = std::from_chars(key.data(), end, number);
  if (parsed.ptr != end || parsed.ec != std::errc()) return std::nullopt;
  return number;
}

}  // namespace

bool is_cluster_repeats(const Table<int64_t>& from) {
  uint32_t before = 0;
  for (const auto& [key, times] : from) {
    const auto number = number_of(key);
    if (!number || *number <= before || times < 1) return false;
    before = *number;
  }
  return true;
}

ClusterRepeats::ClusterRepeats(const Table<int64_t>& from) {
  for (const auto& [key, times] : from) from_.emplace_back(number_of(key).value(), times);
}

int64_t ClusterRepeats::times(uint32_t alike) const {
  int64_t found = 1;
  for (const auto& [from, times] : from_) {
    if (alike >= from) found = times;
  }
  return found;
}

std::string ClusterRepeats::id() const {
  std::string id;
  for (const auto& [from, times] : from_) id += fmt::format("{}x{} ", from, times);
  return id;
}

}  // namespace reka::data
