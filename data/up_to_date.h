#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/build.h"
#include "data/corpus/collect.h"
#include "data/shards/manifest.h"

namespace reka::data {

/// Changes with anything that changes the shards of a corpus.
inline constexpr int kBuildVersion = 7;
inline constexpr std::string_view kReportName = "report.json";
/// The files that readers found on their way, as they were: FileStates.
inline constexpr std::string_view kOpenedName = "opened.json";

/// What a corpus depends on as far as it is known before reading: the configuration, and every
/// input by size and time.
std::string stamp_of(const CorpusConfig& config, const std::vector<Source>& sources);

/// What its documents as they are read depend on: the same without what comes after reading.
std::string reading_stamp_of(CorpusConfig config, const std::vector<Source>& sources);

/// The configuration as YAML, without what changes no byte of the shards: folders, threads, memory.
std::string configuration_of(const CorpusConfig& config);

/// The corpus that is there, when it is whole, was made with this stamp, and no file that was
/// opened for it has changed.
std::optional<Manifest> current_corpus(const std::filesystem::path& folder,
                                       const std::string& stamp);

}  // namespace reka::data
