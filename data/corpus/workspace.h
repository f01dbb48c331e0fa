#pragma once

#include <cstdint>
#include <filesystem>

namespace reka::data {

/// What a stage may use besides some bytes for each document.
struct Workspace {
  std::filesystem::path folder;  // on whose disk lies what does not fit into memory
  uint64_t memory_bytes = uint64_t{512} << 20;
};

}  // namespace reka::data
