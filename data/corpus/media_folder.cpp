#include "data/corpus/media_folder.h"

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "data/corpus/byte_stream.h"
#include "data/corpus/caption.h"
#include "data/corpus/csv.h"
#include "data/corpus/files.h"
#include "data/corpus/language.h"
#include "data/corpus/record.h"
#include "data/media/load.h"
#include "data/media/names.h"
#include "reka/base/error.h"
#include "reka/base/files.h"

namespace reka::data {
namespace {

namespace fs = std::filesystem;

constexpr size_t kFilesOfUnit = 256;
constexpr std::array<std::string_view, 2> kMetadataNames = {"metadata.jsonl", "metadata.csv"};
constexpr std::array<std::string_view, 6> kCaptionNames = {".txt",     ".TXT",  ".caption",
                                                           ".CAPTION", ".json", ".JSON"};
constexpr std::string_view kFileName = "file_name";

bool is_media(const CorpusFile& file) {
  return modality_of_extension(extension_of(file.path.filename().string())).has_value();
}

// The texts of a metadata file by the paths that it names, read when first asked for.
class CaptionList {
 public:
  CaptionList(fs::path path, std::string caption_key)
      : path_(std::move(path)), caption_key_(std::move(caption_key)) {}

  const fs::path& path() const { return path_; }

  // nullptr when the file is not named.
  const std::string* caption(const fs::path& file) const {
    std::call_once(read_, [this] { read([](const Skipped&) {}); });
    const auto found = captions_.find(file.lexically_relative(path_.parent_path()).string());
    return found == captions_.end() ? nullptr : &found->second;
  }

  // Tells of every line that cannot be used.
  void check(const SkipSink& skip) const { CaptionList(path_, caption_key_).read(skip); }

 private:
  void read(const SkipSink& skip) const {
    const auto bytes = read_or_skip(path_, skip);
    if (!bytes) return;
    std::string_view text = *bytes;
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    extension_of(path_.string()) == "csv" ? read_csv(text, skip) : read_records(text, skip);
  }

  void read_records(std::string_view rest, const SkipSink& skip) const {
    simdjson::dom::parser parser;
    for (int64_t line = 1; !rest.empty(); ++line) {
      const auto record = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(record.size() + 1, rest.size()));
      if (record.find_first_not_of(" \t\r") == record.npos) continue;
      take([&] { return line; }, skip,
           [&] {
             const auto fields = parse_record(parser, record);
             return std::pair(record_text(fields, kFileName), record_text(fields, caption_key_));
           });
    }
  }

  void read_csv(std::string_view text, const SkipSink& skip) const {
    CsvReader csv(text);
    const auto columns = csv.next().value_or(std::vector<std::string>());
    const auto column = [&](std::string_view name) {
      return static_cast<size_t>(std::ranges::find(columns, name) - columns.begin());
    };
    const auto name = column(kFileName), caption = column(caption_key_);
    if (std::max(name, caption) >= columns.size())
      return skip({path_.string(), fmt::format("must have the columns \"{}\" and \"{}\"", kFileName,
                                               caption_key_)});
    for (bool more = true; more;) {
      take([&] { return csv.line(); }, skip,
           [&] {
             more = false;
             const auto fields = csv.next();
             more = fields.has_value();
             if (!more) return std::pair(std::string(), std::string());
             if (fields->size() != columns.size())
               throw DataError("{} columns: must be {}", fields->size(), columns.size());
             return std::pair((*fields)[name], (*fields)[caption]);
           });
    }
  }

  // `line` is asked once `parse` has reached it.
  template <typename Line, typename Parse>
  void take(const Line& line, const SkipSink& skip, const Parse& parse) const {
    try {
      auto [name, caption] = parse();
      if (name.empty()) return;
      const auto file = fs::path(name).lexically_normal();
      if (!fs::is_regular_file(path_.parent_path() / file))
        throw DataError("{}: no such file", name);
      if (!captions_.emplace(file.string(), caption_of_text(caption)).second)
        throw DataError("{}: named before", name);
    } catch (const DataError& error) {
      skip({fmt::format("{}:{}", path_.string(), line()), error.what()});
    }
  }

  fs::path path_;
  std::string caption_key_;
  mutable std::once_flag read_;
  mutable std::unordered_map<std::string, std::string> captions_;
};

// First one unit for each metadata file, which tells what is wrong in it, then ranges of media.
class MediaFolderReader final : public Reader {
 public:
  MediaFolderReader(const MediaFolderConfig& config, const ReaderContext& context)
      : config_(config),
        context_(context),
        files_(find_files(context.root, config.path, context.source)) {
    std::erase_if(files_, [](const auto& file) { return !is_media(file); });
    if (files_.empty())
      throw DataError("{}: {}: no pictures, clips or sounds among the files", context.source,
                      config.path);
    auto top = files_.front().path.parent_path();  // above all files
    const auto is_above = [&](const CorpusFile& file) {
      const auto below = file.path.lexically_relative(top);
      return !below.empty() && *below.begin() != "..";
    };
    while (!std::ranges::all_of(files_, is_above)) top = top.parent_path();
    for (const auto& file : files_) find_metadata(file.path.parent_path(), top);
    for (const auto& [folder, metadata] : by_folder_) {
      if (metadata && metadata->path().parent_path() == folder) own_.push_back(metadata);
    }
  }

  size_t num_units() const override {
    return own_.size() + (files_.size() + kFilesOfUnit - 1) / kFilesOfUnit;
  }

  void read(size_t unit, const DocumentSink& emit, const SkipSink& skip) const override {
    if (unit < own_.size()) return own_[unit]->check(skip);
    const auto begin = (unit - own_.size()) * kFilesOfUnit;
    for (auto n = begin; n < std::min(begin + kFilesOfUnit, files_.size()); ++n) {
      emit_or_skip(
          files_[n].path.string(), [&] { return document_of(files_[n]); }, emit, skip);
    }
  }

  std::vector<fs::path> inputs() const override {
    std::vector<fs::path> paths;
    for (const auto& metadata : own_) paths.push_back(metadata->path());
    for (const auto& file : files_) {
      paths.push_back(file.path);
      for (const auto name : kCaptionNames) {
        auto beside = file.path;
        if (fs::exists(beside.replace_extension(name))) paths.push_back(beside);
      }
    }
    std::sort(paths.begin(), paths.end());
    return paths;
  }

 private:
  // That of the folder, or of the nearest above it up to `top`; nullptr without one.
  std::shared_ptr<const CaptionList> find_metadata(const fs::path& folder, const fs::path& top) {
    const auto known = by_folder_.find(folder);
    if (known != by_folder_.end()) return known->second;
    std::shared_ptr<const CaptionList> found;
    for (const auto name : kMetadataNames) {
      if (!found && fs::is_regular_file(folder / name))
        found = std::make_shared<CaptionList>(folder / name, config_.caption_key);
    }
    if (!found && folder != top) found = find_metadata(folder.parent_path(), top);
    by_folder_[folder] = found;
    return found;
  }

  Document document_of(const CorpusFile& file) const {
    const auto extension = extension_of(file.path.filename().string());
    Document document;
    add_media_part(read_media_file(*modality_of_extension(extension), file.path), document);
    auto text = caption_of(file.path);
    if (text.empty())
      throw DataError(
          "no text: must have one in a metadata file, or in a .txt, .caption or .json "
          "beside it");
    document.parts.push_back({.text = std::move(text)});
    document.id = file.language.empty() ? file.key : file.language + "/" + file.key;
    document.key = content_key(document);
    document.source = context_.source;
    document.language = language_tag(file.language);
    document.split = config_.split.side(document.key);
    return document;
  }

  std::string caption_of(const fs::path& path) const {
    const auto& metadata = by_folder_.at(path.parent_path());
    if (metadata) {
      if (const auto* caption = metadata->caption(path)) return *caption;
    }
    for (const auto name : kCaptionNames) {
      auto beside = path;
      if (!fs::is_regular_file(beside.replace_extension(name))) continue;
      const auto bytes = read_file(beside);
      return extension_of(beside.string()) == "json" ? caption_of_json(bytes, config_.caption_key)
                                                     : caption_of_text(bytes);
    }
    return "";
  }

  MediaFolderConfig config_;
  ReaderContext context_;
  std::vector<CorpusFile> files_;
  std::map<fs::path, std::shared_ptr<const CaptionList>> by_folder_;
  std::vector<std::shared_ptr<const CaptionList>> own_;  // each once, by path
};

}  // namespace

std::unique_ptr<Reader> make_reader(const MediaFolderConfig& config, const ReaderContext& context) {
  return std::make_unique<MediaFolderReader>(config, context);
}

}  // namespace reka::data
