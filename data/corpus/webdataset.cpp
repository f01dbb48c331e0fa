#include "data/corpus/webdataset.h"

#include <algorithm>
#include <map>
#include <optional>
#include <unordered_set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "data/corpus/caption.h"
#include "data/corpus/files.h"
#include "data/corpus/language.h"
#include "data/corpus/record.h"
#include "data/corpus/tar.h"
#include "data/media/load.h"
#include "data/media/names.h"
#include "reka/base/error.h"
#include "reka/base/hash.h"

namespace reka::data {
namespace {

namespace fs = std::filesystem;

bool is_text(std::string_view extension) {
  return extension == "txt" || extension == "json";
}

// "a/b.seg.png" -> "a/b" and "seg.png"; no key where the name has no dot.
std::pair<std::string, std::string> split_name(const std::string& name) {
  const auto slash = name.rfind('/');
  const auto dot = name.find('.', slash == name.npos ? 0 : slash + 1);
  if (dot == name.npos) return {};
  return {name.substr(0, dot), name.substr(dot + 1)};
}

// Members that stand together under one key.
struct SampleFiles {
  std::string key;
  std::map<std::string, std::string> files;  // bytes by extension
  std::string finding;                       // why it cannot be used; empty: it can
};

// Cuts one archive into samples.
class ArchiveReader {
 public:
  ArchiveReader(const WebDatasetConfig& config, const std::string& source, const CorpusFile& file,
                const DocumentSink& emit, const SkipSink& skip, Findings& found)
      : config_(config), source_(source), file_(file), emit_(emit), skip_(skip), found_(found) {}

  void read() && {
    try {
      TarReader tar(file_.path, config_.max_file_bytes);
      while (step(tar)) {
      }
    } catch (const DataError& error) {
      skip_({file_.path.string(), error.what()});
    }
  }

 private:
  bool step(TarReader& tar) {
    TarReader::Member member;
    const auto got = tar.next(member);
    if (got == TarReader::Got::kFile) {
      take(std::move(member));
      return true;
    }
    if (got != TarReader::Got::kEnd)
      doubt("stands where the archive is damaged: may be incomplete");
    if (got == TarReader::Got::kDamaged) {
      if (!std::exchange(damaged_, true)) tell("a header that is none of a tar's");
      return true;
    }
    close();
    if (got == TarReader::Got::kFailed) tell(tar.failure());
    if (got == TarReader::Got::kUnended) tell("truncated: ends without the mark of its end");
    return false;
  }

  void take(TarReader::Member&& member) {
    auto [key, extension] = split_name(member.name);
    if (key.empty()) {
      ++found_.counts[extension_of(member.name)];
      return;
    }
    if (!group_ || group_->key != key) {
      close();
      group_.emplace(SampleFiles{.key = key});
      if (damaged_) doubt("stands behind damage of the archive: may be incomplete");
    }
    damaged_ = false;
    const auto kind = extension_of("." + extension);
    if (!is_text(kind) && !modality_of_extension(kind)) {
      ++found_.counts[kind];
    } else if (member.is_link) {
      doubt(fmt::format(".{} is a link: must be a file", extension));
    } else if (member.size > config_.max_file_bytes) {
      doubt(fmt::format(".{} of {} bytes: at most max_file_bytes, {}", extension, member.size,
                        config_.max_file_bytes));
    } else if (!group_->files.emplace(is_text(kind) ? kind : extension, std::move(member.bytes))
                    .second) {
      doubt(fmt::format("two files .{} under one key: must be one", extension));
    }
  }

  void doubt(std::string finding) {
    if (group_ && group_->finding.empty()) group_->finding = std::move(finding);
  }

  void tell(const std::string& finding) const {
    skip_({file_.path.string(),
           fmt::format("{}; {} samples before it were read", finding, samples_)});
  }

  void close() {
    const auto group = std::exchange(group_, std::nullopt);
    if (!group || (group->files.empty() && group->finding.empty())) return;
    const auto place = file_.path.string() + "/" + group->key;
    if (!keys_.insert(xxh3_64(group->key)).second)
      return skip_({place, "second sample of this key in the archive"});
    if (!group->finding.empty()) return skip_({place, group->finding});
    emit_or_skip(
        place, [&] { return document_of(*group); }, emit_, skip_);
    ++samples_;
  }

  Document document_of(const SampleFiles& group) const {
    Document document;
    for (const auto modality : kMediaOrder) {
      for (const auto& [extension, bytes] : group.files) {
        if (modality_of_extension(extension_of("." + extension)) != modality) continue;
        add_media_part(make_media_file(modality, bytes, group.key + "." + extension), document);
      }
    }
    auto text = text_of(group);
    if (text.empty())
      throw DataError("no text: must have a .txt, or \"{}\" in a .json", config_.caption_key);
    document.parts.push_back({.text = std::move(text)});
    document.id = file_.key + "/" + group.key;
    document.key = content_key(document);
    document.source = source_;
    document.language = language_tag(file_.language);
    document.split = config_.split.side(document.key);
    return document;
  }

  std::string text_of(const SampleFiles& group) const {
    if (const auto found = group.files.find("txt"); found != group.files.end())
      return caption_of_text(found->second);
    const auto found = group.files.find("json");
    return found == group.files.end() ? "" : caption_of_json(found->second, config_.caption_key);
  }

  const WebDatasetConfig& config_;
  const std::string& source_;
  const CorpusFile& file_;
  const DocumentSink& emit_;
  const SkipSink& skip_;
  Findings& found_;  // counts of the extensions that are none of what is read
  std::optional<SampleFiles> group_;
  std::unordered_set<uint64_t> keys_;  // hashes of those before
  bool damaged_ = false;               // just before what comes next
  int64_t samples_ = 0;
};

// A unit of work is an archive.
class WebDatasetReader final : public Reader {
 public:
  WebDatasetReader(const WebDatasetConfig& config, const ReaderContext& context)
      : config_(config),
        context_(context),
        files_(find_files(context.root, config.path, context.source)) {}

  size_t num_units() const override { return files_.size(); }

  void read(size_t unit, const DocumentSink& emit, const SkipSink& skip) const override {
    ArchiveReader(config_, context_.source, files_[unit], emit, skip, findings_.of(unit)).read();
  }

  std::vector<fs::path> inputs() const override {
    std::vector<fs::path> paths;
    for (const auto& file : files_) paths.push_back(file.path);
    return paths;
  }

  Findings findings(size_t unit) const override { return findings_.take(unit); }

  std::string note(const std::string& extension, int64_t count) const override {
    return fmt::format("{} files \".{}\" of the archives are not read", count, extension);
  }

 private:
  WebDatasetConfig config_;
  ReaderContext context_;
  std::vector<CorpusFile> files_;
  mutable FindingsOfUnits findings_;
};

}  // namespace

std::unique_ptr<Reader> make_reader(const WebDatasetConfig& config, const ReaderContext& context) {
  return std::make_unique<WebDatasetReader>(config, context);
}

}  // namespace reka::data
