#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace reka::train {

/// Cuts a list of tensors where a file would grow beyond `shard_bytes`; each file has at least one.
template <typename Item>
std::vector<std::vector<Item>> cut_in_files(std::vector<Item> items, int64_t shard_bytes,
                                            const auto& bytes_of) {
  std::vector<std::vector<Item>> files(1);
  int64_t bytes = 0;
  for (auto& item : items) {
    const int64_t size = bytes_of(item);
    if (!files.back().empty() && bytes + size > shard_bytes) {
      files.emplace_back();
      bytes = 0;
    }
    bytes += size;
    files.back().push_back(std::move(item));
  }
  return files;
}

}  // namespace reka::train
