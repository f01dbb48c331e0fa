#pragma once

#include <filesystem>
#include <string>

namespace reka::data {

/// Where the paths of sources start: the folder that is given, or that of scripts/fetch_corpus,
/// corpus below $REKA_CACHE or ~/.cache/reka.
std::filesystem::path packages_folder(const std::string& given);

/// As fetch_corpus left it, "4.15.0-1"; "" for a package of another origin.
std::string package_version(const std::filesystem::path& packages, const std::string& package);

/// Package and version, as fetch_corpus left it or as `given`: "iso-codes 4.15.0-1".
std::string package_with_version(const std::filesystem::path& packages, const std::string& package,
                                 const std::string& given);

}  // namespace reka::data
