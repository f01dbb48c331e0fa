#include "data/corpus/origin.h"

#include <map>
#include <set>
#include <span>
#include <variant>

#include "data/corpus/packages.h"
#include "reka/base/hash.h"

namespace reka::data {
namespace {

namespace fs = std::filesystem;

// The folder below root that a file stands in, which is its package.
std::string package_of(const fs::path& file, const fs::path& root) {
  const auto below = file.lexically_normal().lexically_relative(root.lexically_normal());
  if (below.empty() || below.begin()->string() == "..") return "";
  return std::next(below.begin()) == below.end() ? "" : below.begin()->string();
}

std::vector<PackageFiles> packages_of(const Source& source, const Collection& collection,
                                      const fs::path& root) {
  std::set<fs::path> files;
  for (const auto& path : source.reader->inputs()) files.insert(path);
  if (const auto found = collection.findings.find(source.name);
      found != collection.findings.end()) {
    for (const auto& [path, state] : found->second.opened) files.insert(path);
  }
  std::map<std::string, PackageFiles> packages;
  for (const auto& file : files) {
    std::error_code absent;
    const auto bytes = fs::file_size(file, absent);
    if (absent) continue;  // it was looked for
    auto& package = packages[package_of(file, root)];
    ++package.files;
    package.bytes += static_cast<int64_t>(bytes);
  }
  std::vector<PackageFiles> list;
  for (auto& [name, package] : packages) {
    package.version = package_version(root, name);
    if (package.version.empty()) package.version = source.config.version;
    // A folder that fetch_corpus did not make is a package when the configuration says so.
    if (!package.version.empty() || name == source.config.package) package.package = name;
    if (package.package.empty() && packages.size() == 1) package.package = source.config.package;
    list.push_back(std::move(package));
  }
  return list;
}

}  // namespace

std::vector<SourceOrigin> origins_of(const std::vector<Source>& sources,
                                     const Collection& collection, const fs::path& root) {
  std::vector<SourceOrigin> origins;
  origins.reserve(sources.size());
  std::vector<Hasher> hashers(sources.size());
  for (const auto& source : sources) {
    origins.push_back(
        {.name = source.name,
         .licence = source.config.licence,
         .reader = std::visit([](const auto& reader) { return std::string(reader.kName); },
                              source.config.reader),
         .language = source.config.language,
         .packages = packages_of(source, collection, root)});
  }
  for (const auto& chunk : collection.chunks) {
    origins[chunk.source].documents += static_cast<int64_t>(chunk.count);
    for (auto n = chunk.first; n < chunk.first + chunk.count; ++n) {
      hashers[chunk.source].update(std::as_bytes(std::span(&collection.marks[n].content, 1)));
    }
  }
  for (size_t n = 0; n < sources.size(); ++n) origins[n].hash = hex(hashers[n].hash128());
  return origins;
}

}  // namespace reka::data
