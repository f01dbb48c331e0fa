#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reka::testing {

/// One member of gzip, one frame of Zstandard.
std::string gzip(std::string_view bytes);
std::string zstandard(std::string_view bytes);

/// A tar archive (POSIX ustar) of regular files, with the mark of its end.
using Members = std::vector<std::pair<std::string, std::string>>;
std::string tar(const Members& members);
inline constexpr size_t kTarBlock = 512;
inline constexpr size_t kTarEnd = 2 * kTarBlock;

/// As many lower-case words, different for each seed, as have `bytes` bytes: hard to pack.
std::string noise(size_t bytes, uint64_t seed);

}  // namespace reka::testing
