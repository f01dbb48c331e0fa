#include "data/corpus/files.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fnmatch.h>

#include "reka/base/error.h"
#include "reka/base/files.h"
#include "reka/base/log.h"
#include "reka/base/utf8.h"

namespace reka::data {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kLanguage = "{language}";

bool is_literal(const std::string& part) {
  return part.find_first_of("*?[{") == part.npos;
}

bool glob(const std::string& pattern, const std::string& name) {
  return fnmatch(pattern.c_str(), name.c_str(), FNM_PERIOD) == 0;
}

// The names below a folder in one order on every machine; none when it cannot be read.
std::vector<fs::directory_entry> sorted_entries(const fs::path& folder) {
  std::error_code ignored;
  std::vector<fs::directory_entry> entries;
  for (fs::directory_iterator at(folder, ignored), end; at != end; at.increment(ignored)) {
    entries.push_back(*at);
  }
  std::sort(entries.begin(), entries.end());
  return entries;
}

class Finder {
 public:
  Finder(const fs::path& root, const std::string& pattern) {
    const fs::path full = fs::path(pattern).is_absolute() ? fs::path(pattern) : root / pattern;
    for (const auto& part : full.relative_path()) parts_.push_back(part.string());
    walk(full.root_path(), 0, {});
    std::sort(found_.begin(), found_.end(),
              [](const auto& a, const auto& b) { return a.path < b.path; });
  }

  std::vector<CorpusFile> found() && { return std::move(found_); }
  const fs::path& reached() const { return reached_; }
  bool is_folder() const { return is_folder_; }  // what the whole pattern names

 private:
  struct At {
    std::string language;
    fs::path key;
    bool in_key = false;  // behind the language, or behind the part of the path that is given
  };

  void walk(const fs::path& folder, size_t index, const At& at) {
    if (index == parts_.size()) return;
    const auto& part = parts_[index];
    if (part == "**") {
      walk(folder, index + 1, at);
      for (const auto& entry : sorted_entries(folder)) {
        if (entry.is_symlink() || !entry.is_directory()) continue;
        auto inner = at;
        inner.in_key = true;
        inner.key /= entry.path().filename();
        walk(entry.path(), index, inner);
      }
    } else if (is_literal(part)) {
      if (fs::exists(folder / part)) enter(folder / part, index, at, at.in_key);
    } else {
      for (const auto& entry : sorted_entries(folder)) match(entry.path(), index, at);
    }
  }

  void match(const fs::path& path, size_t index, const At& at) {
    const auto name = path.filename().string();
    const auto language = match_language(parts_[index], name, at.language);
    if (!language) return;
    auto inner = at;
    const bool named = parts_[index].find(kLanguage) != std::string::npos;
    if (named) inner = {*language, {}, false};
    enter(path, index, inner, !named);
  }

  void enter(const fs::path& path, size_t index, At at, bool in_key) {
    if (in_key) at.key /= path.filename();
    at.in_key = in_key || !at.language.empty();
    if (index + 1 < parts_.size()) {
      reached_ = path;
      walk(path, index + 1, at);
    } else if (fs::is_regular_file(path)) {
      found_.push_back({path, at.language, (at.key.empty() ? path.filename() : at.key).string()});
    } else if (fs::is_directory(path)) {
      is_folder_ = true;
    } else {
      warn("{}: is no file: is left out", path.string());
    }
  }

  // What {language} stands for in `name`, "" without one; nullopt when the name does not match.
  static std::optional<std::string> match_language(const std::string& part, const std::string& name,
                                                   const std::string& known) {
    const auto mark = part.find(kLanguage);
    if (mark == part.npos) return glob(part, name) ? std::optional(known) : std::nullopt;
    const auto before = part.substr(0, mark);
    const auto after = part.substr(mark + kLanguage.size());
    for (size_t begin = 0; begin <= name.size(); ++begin) {
      if (!glob(before, name.substr(0, begin))) continue;
      for (auto end = name.size(); end > begin; --end) {
        const auto language = name.substr(begin, end - begin);
        if (!known.empty() && language != known) continue;
        if (fnmatch(after.c_str(), name.c_str() + end, 0) == 0) return language;
      }
    }
    return std::nullopt;
  }

  std::vector<std::string> parts_;
  std::vector<CorpusFile> found_;
  fs::path reached_;
  bool is_folder_ = false;
};

// Several names of one file are read once: links to a file that is itself found are left out.
void drop_links(std::vector<CorpusFile>& files) {
  std::set<fs::path> real;
  for (const auto& file : files) {
    if (!fs::is_symlink(file.path)) real.insert(fs::canonical(file.path));
  }
  std::erase_if(files, [&](const auto& file) {
    return fs::is_symlink(file.path) && !real.insert(fs::canonical(file.path)).second;
  });
}

}  // namespace

std::vector<CorpusFile> find_files(const fs::path& root, const std::string& pattern,
                                   const std::string& source) {
  Finder finder(root, pattern);
  const auto reached = finder.reached();
  const bool is_folder = finder.is_folder();
  auto files = std::move(finder).found();
  drop_links(files);
  if (files.empty()) {
    if (is_folder) {
      throw DataError("{}: {}: is a folder: must name files, such as {}/*", source, pattern,
                      pattern);
    }
    throw DataError(
        "{}: {}: no such file below {}: see scripts/fetch_corpus; for files of your own "
        "give whole paths, or set data.packages of a corpus to their folder",
        source, pattern, (reached.empty() ? root : reached).string());
  }
  return files;
}

std::optional<std::string> read_or_skip(const fs::path& path, const SkipSink& skip) {
  try {
    auto bytes = read_file(path);
    if (!bytes.empty()) return bytes;
    skip({path.string(), "empty file"});
  } catch (const DataError&) {
    skip({path.string(), "cannot be read"});
  }
  return std::nullopt;
}

std::string file_state(const fs::path& path) {
  std::error_code absent;
  const auto bytes = fs::file_size(path, absent);
  if (absent) return "absent";
  const auto time = fs::last_write_time(path, absent);
  return fmt::format("{} {}", bytes, absent ? 0 : time.time_since_epoch().count());
}

std::optional<size_t> find_bad_utf8(std::string_view text) {
  const auto valid = valid_utf8_prefix(text);
  return valid == text.size() ? std::nullopt : std::optional(valid);
}

}  // namespace reka::data
