#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace reka::data::bench {

/// The texts that a measurement runs on: "text" of each line of a .jsonl file, or the samples of a
/// folder of shards, decoded. Throws DataError for anything else.
std::vector<std::string> read_texts(const std::filesystem::path& path);

}  // namespace reka::data::bench
