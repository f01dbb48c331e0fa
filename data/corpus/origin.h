#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "data/corpus/collect.h"

namespace reka::data {

/// Files of a source that stand in one package.
struct PackageFiles {
  std::string package;  // "" for files that stand in none
  std::string version;  // as fetch_corpus left it; "" unknown
  int64_t files = 0;    // that were opened
  int64_t bytes = 0;    // of these
};

/// Where the documents of a source come from.
struct SourceOrigin {
  std::string name;
  std::string licence;
  std::string reader;    // its type in the configuration
  std::string language;  // that the configuration gives to all; else files or the detector tell it
  std::vector<PackageFiles> packages;
  int64_t documents = 0;  // that were read
  std::string hash;       // XXH3-128 of their contents, in their order
};

/// How a corpus was made.
struct CorpusOrigin {
  std::string stamp;      // of configuration and inputs (data/up_to_date.h)
  int build_version = 0;  // of the program, as far as it decides what is in the shards
  std::string detector;   // of languages
  std::vector<SourceOrigin> sources;
};

/// The sources' part of it, once all is read. `root`: where the paths of sources start.
std::vector<SourceOrigin> origins_of(const std::vector<Source>& sources,
                                     const Collection& collection,
                                     const std::filesystem::path& root);

}  // namespace reka::data
