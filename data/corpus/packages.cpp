#include "data/corpus/packages.h"

#include <algorithm>
#include <cstdlib>

#include "reka/base/files.h"

namespace reka::data {

namespace fs = std::filesystem;

fs::path packages_folder(const std::string& given) {
  if (!given.empty()) return given;
  if (const auto* cache = std::getenv("REKA_CACHE")) return fs::path(cache) / "corpus";
  const auto* home = std::getenv("HOME");
  return fs::path(home == nullptr ? "." : home) / ".cache/reka/corpus";
}

std::string package_version(const fs::path& packages, const std::string& package) {
  const auto mark = packages / package / ".complete";
  if (package.empty() || !fs::exists(mark)) return "";
  auto version = read_file(mark);
  version.erase(std::remove(version.begin(), version.end(), '\n'), version.end());
  return version;
}

std::string package_with_version(const fs::path& packages, const std::string& package,
                                 const std::string& given) {
  auto version = package_version(packages, package);
  if (version.empty()) version = given;
  return package.empty() || version.empty() ? package + version : package + " " + version;
}

}  // namespace reka::data
