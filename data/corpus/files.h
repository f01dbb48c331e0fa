#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/corpus/document.h"

namespace reka::data {

/// A file of a source: `language` is what {language} stood for in the pattern; `key` is the path
/// below `root` with the language taken out, the same for every translation of a page.
struct CorpusFile {
  std::filesystem::path path;
  std::string language;
  std::string key;
};

/// All files below `root` that match, sorted by path. In the pattern, which is relative to `root`
/// or absolute, `*` stands for part of a name, `**` for any number of folders and {language} for
/// part of a name that is the language; a second {language} must be equal to the first.
/// Throws DataError when nothing matches, naming the part of the path that is not there.
std::vector<CorpusFile> find_files(const std::filesystem::path& root, const std::string& pattern,
                                   const std::string& source);

/// The whole file; nullopt after telling `skip` when it cannot be read or is empty.
std::optional<std::string> read_or_skip(const std::filesystem::path& path, const SkipSink& skip);

/// Files by path, each as file_state tells it.
using FileStates = std::map<std::string, std::string>;

/// What a result that depends on a file is compared by: its size and time, or that it is absent.
std::string file_state(const std::filesystem::path& path);

/// Position of the first byte that is not UTF-8 (overlong, surrogate and cut forms included).
std::optional<size_t> find_bad_utf8(std::string_view text);

}  // namespace reka::data
